import type { Complete } from "../completion/direct-completion.ts";
import type { EngineSink } from "../events/engine-sink.ts";
import type { FileTracker } from "../files/file-tracker.ts";
import type { SecurityGuard } from "../guard/security-guard.ts";
import type { SessionHooks } from "../hooks/session-hooks.ts";
import type { ExternalTasks } from "../lanes/external-tasks.ts";
import type { LaneQueue } from "../lanes/lane-queue.ts";
import type { GoalTracker } from "../planning/goal.ts";
import type { PlanTracker } from "../planning/plan-tracker.ts";
import type { Effects } from "../ports/effects.ts";
import type { LlmProvider, ThinkingEffort } from "../ports/llm-provider.ts";
import type { PathGuard } from "../ports/path-guard.ts";
import type { Runner } from "../ports/runner.ts";
import type { ContextProviders } from "../prompt/context-providers.ts";
import type { Transcript } from "../session/transcript.ts";
import type { Entry } from "../store/entry.ts";
import type { TurnOutcome } from "../store/turn-outcome.ts";
import type { WaitRecord } from "../store/wait-store.ts";
import type { TaskList } from "../tasks/session-tasks.ts";
import type { ToolSnapshot } from "../tools/tool-snapshot.ts";
import type { PermissionRule } from "../trust/permission-rule.ts";
import type { TrustMode } from "../trust/trust-mode.ts";
import type { TurnClock } from "./turn-clock.ts";
import type { TurnWindow } from "./turn-window.ts";

/** `ask`: someone answers. `reject`: nobody can, so a question is an automatic no that names its reason. */
export type Approvals = "ask" | "reject";

/** All that one turn uses. Nothing here outlives the turn but what the session handed in. */
export interface TurnContext {
  readonly sessionId: string;
  readonly turnId: string;
  /** 1 for the first prompt of the session. */
  readonly turnNumber: number;
  readonly prompt: string;
  readonly projectRoot: string;
  readonly provider: LlmProvider;
  readonly thinking: ThinkingEffort | null;
  /** What the host has given for this turn alone. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly runner: Runner;
  readonly pathGuard: PathGuard;
  readonly effects: Effects;
  /** The tools of this turn: the same from its first step to its last. */
  readonly tools: ToolSnapshot;
  readonly files: FileTracker;
  readonly transcript: Transcript;
  readonly window: TurnWindow;
  readonly trust: TurnTrust;
  readonly guard: SecurityGuard;
  readonly hooks: SessionHooks;
  /** One-shot questions to the model, on record under their labels. */
  readonly complete: Complete;
  readonly providers: ContextProviders;
  readonly isPlanning: boolean;
  /** Null without one. */
  readonly goal: GoalTracker | null;
  readonly taskList: TaskList;
  /** The plan of this turn, once there is one. */
  plan: PlanTracker | null;
  readonly lanes: LaneQueue;
  /** Has a call run as the handler of its lane says. */
  readonly tasks: ExternalTasks;
  /** Whether a call has reached an allowed host. */
  readonly hasConnected: (callId: string) => boolean;
  readonly approvals: Approvals;
  /** How long a question waits for its answer before it is a no; null: as long as it takes. */
  readonly answerWithinMs: number | null;
  readonly maxSteps: number;
  readonly clock: TurnClock;
  readonly emit: EngineSink;
  readonly signal: AbortSignal;
  /** What the turn has on record when it begins or goes on; in that case also what a summary stands for by now. */
  readonly readOwnEntries: () => readonly Entry[];
  /** True when an earlier process began the turn. */
  readonly isContinued: boolean;
  /** Stores the prompt, before anything else is done. Does not throw, and does nothing when it is stored. */
  readonly acceptPrompt: () => void;
  /** The system prompt of this turn: the same string in every step. */
  readonly composeSystemPrompt: () => Promise<string>;
  /** What was said to the running turn since the last time; each is given once. `isStored`: its entry has to name it. */
  readonly takeSteering: () => readonly { readonly id: string; readonly text: string; readonly isStored: boolean }[];
  /** The session was paused: the turn ends before its next step. */
  readonly isPaused: () => boolean;
  /** The outcome of a turn that has spent what it may; null when it may go on. */
  readonly checkBudget: () => TurnOutcome | null;
  /** Questions as others can answer them; what waits for the answer is `effects.wait`. */
  readonly waits: TurnWaits;
  /** Hands over work that may outlast the turn, so that the session can wait for its end. */
  readonly keepStraggler: (work: Promise<unknown>) => void;
}

export interface TurnWaits {
  /** After `effects.wait` for the same key: what was answered before is delivered at once. */
  open(wait: Pick<WaitRecord, "key" | "turnId" | "callId" | "kind" | "payloadJson" | "deadlineMs">): void;
  /** What was answered in the last moment; null when nothing was. */
  close(key: string): unknown;
}

/** The trust of a session as it is at this moment. */
export interface TurnTrust {
  mode(): TrustMode;
  rules(): readonly PermissionRule[];
  /** Allows what `ruleText` says, in this project and from now on. */
  allowAlways(ruleText: string): void;
}
