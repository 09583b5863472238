import type { EngineSink } from "../events/engine-sink.ts";
import type { FileTracker } from "../files/file-tracker.ts";
import type { Effects } from "../ports/effects.ts";
import type { LlmProvider } from "../ports/llm-provider.ts";
import type { PathGuard } from "../ports/path-guard.ts";
import type { Runner } from "../ports/runner.ts";
import type { Transcript } from "../session/transcript.ts";
import type { ToolCatalog } from "../tools/catalog.ts";
import type { PermissionRule } from "../trust/permission-rule.ts";
import type { TrustMode } from "../trust/trust-mode.ts";
import type { ModelHistory } from "./model-history.ts";
import type { TurnClock } from "./turn-clock.ts";

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
  readonly runner: Runner;
  readonly pathGuard: PathGuard;
  readonly effects: Effects;
  readonly catalog: ToolCatalog;
  readonly files: FileTracker;
  readonly transcript: Transcript;
  readonly history: ModelHistory;
  readonly trust: TurnTrust;
  readonly approvals: Approvals;
  readonly maxSteps: number;
  readonly clock: TurnClock;
  readonly emit: EngineSink;
  readonly signal: AbortSignal;
  /** Stores the prompt, before anything else is done. Does not throw. */
  readonly acceptPrompt: () => void;
  /** The system prompt of this turn. */
  readonly composeSystemPrompt: () => Promise<string>;
  /** What was said to the running turn since the last time; each text is given once. */
  readonly takeSteering: () => readonly string[];
  /** Hands over work that may outlast the turn, so that the session can wait for its end. */
  readonly keepStraggler: (work: Promise<unknown>) => void;
}

/** The trust of a session as it is at this moment. */
export interface TurnTrust {
  mode(): TrustMode;
  rules(): readonly PermissionRule[];
  /** Allows what `ruleText` says, in this project and from now on. */
  allowAlways(ruleText: string): void;
}
