import { createCompletions } from "../completion/direct-completion.ts";
import type { EngineSink } from "../events/engine-sink.ts";
import type { SessionHooks } from "../hooks/session-hooks.ts";
import type { ExternalTasks } from "../lanes/external-tasks.ts";
import type { GoalTracker } from "../planning/goal.ts";
import type { LlmProvider } from "../ports/llm-provider.ts";
import type { PromptComposer } from "../prompt/prompt-composer.ts";
import { readProjectContext } from "../prompt/read-project-context.ts";
import type { TaskList } from "../tasks/session-tasks.ts";
import type { ToolCatalog } from "../tools/catalog.ts";
import type { ToolSnapshot } from "../tools/tool-snapshot.ts";
import { noteUsage } from "../turn/record-attempt.ts";
import { Spending } from "../turn/spending.ts";
import { TurnClock } from "../turn/turn-clock.ts";
import type { TurnContext } from "../turn/turn-context.ts";
import { toEffectKey } from "../turn/turn-keys.ts";
import type { TurnWindow } from "../turn/turn-window.ts";
import type { SessionInputs } from "./session-inputs.ts";
import type { SessionParts } from "./session-parts.ts";
import type { SessionWaits } from "./session-waits.ts";
import type { Stragglers } from "./stragglers.ts";
import type { Transcript } from "./transcript.ts";

/** Which turn it is. */
export interface TurnStart {
  readonly turnId: string;
  readonly turnNumber: number;
  readonly prompt: string;
  readonly isContinued: boolean;
  /** The waiting input that the prompt was; null for none. */
  readonly inputId: string | null;
  /** Where the session's path ended before the turn; null before its first entry. */
  readonly leafId: string | null;
}

/** What a session lends to one turn beside its parts. */
export interface TurnLoans {
  readonly start: TurnStart;
  readonly signal: AbortSignal;
  readonly provider: LlmProvider;
  readonly transcript: Transcript;
  readonly window: TurnWindow;
  readonly hooks: SessionHooks;
  readonly tasks: ExternalTasks;
  readonly goal: GoalTracker | null;
  readonly taskList: TaskList;
  readonly hasConnected: (callId: string) => boolean;
  readonly composer: PromptComposer;
  readonly inputs: SessionInputs;
  readonly waits: SessionWaits;
  readonly stragglers: Stragglers;
  readonly emit: EngineSink;
  /** Does something that the store may refuse. */
  readonly survive: (act: () => void) => void;
  readonly isPaused: () => boolean;
  readonly acceptPrompt: () => void;
}

/** Everything that one turn uses. */
export function toTurnContext(parts: SessionParts, loans: TurnLoans): TurnContext {
  const { agent, effects, pathGuard, trust } = parts;
  const { start, inputs, composer } = loans;
  const sessionId = parts.record.id;
  const tools = takeSnapshot(parts.catalog, loans.emit);
  const spending = new Spending(parts.budget, () => effects.now());
  let system: Promise<string> | null = null;

  const composeSystemPrompt = async (): Promise<string> => {
    const { projectRoot } = agent;
    const key = toEffectKey({ sessionId, turnNumber: start.turnNumber }, "project");
    const context = await effects.run(key, () => readProjectContext({ projectRoot, pathGuard, nowMs: effects.now() }));
    return composer.compose(context, [...tools.contributions, ...parts.guard.contributions]);
  };

  const turn: TurnContext = {
    sessionId,
    turnId: start.turnId,
    turnNumber: start.turnNumber,
    prompt: start.prompt,
    isContinued: start.isContinued,
    projectRoot: agent.projectRoot,
    provider: loans.provider,
    runner: parts.runner,
    pathGuard,
    effects,
    tools,
    files: parts.files,
    transcript: loans.transcript,
    window: loans.window,
    guard: parts.guard,
    hooks: loans.hooks,
    lanes: parts.lanes,
    complete: createCompletions({
      provider: loans.provider,
      effects,
      key: toEffectKey(
        { sessionId, turnNumber: start.turnNumber },
        start.isContinued ? `again-${start.leafId}` : "first",
      ),
      redact: (text) => parts.guard.redact(text),
      recordUsage: (usage) => noteUsage(turn, { ...usage, turnId: start.turnId, step: 0 }, null),
    }),
    providers: parts.providers,
    isPlanning: parts.isPlanning,
    goal: loans.goal,
    taskList: loans.taskList,
    plan: null,
    tasks: loans.tasks,
    hasConnected: loans.hasConnected,
    trust: {
      mode: () => trust.mode(),
      rules: () => trust.rules(),
      allowAlways: (ruleText) => loans.survive(() => trust.allowAlways(ruleText)),
    },
    approvals: parts.approvals,
    answerWithinMs: parts.answerWithinMs,
    maxSteps: parts.maxSteps,
    clock: new TurnClock(() => effects.now()),
    emit: (event) => {
      spending.hear(event);
      loans.emit(event);
    },
    signal: loans.signal,
    acceptPrompt: loans.acceptPrompt,
    composeSystemPrompt: () => (system ??= composeSystemPrompt()),
    takeSteering: () =>
      inputs
        .waiting()
        .filter(({ boundary }) => boundary === "this-turn")
        .map((input) => ({ id: input.id, text: input.text, isStored: inputs.take(input) })),
    isPaused: loans.isPaused,
    checkBudget: () => {
      const limit = spending.check();
      const warning = spending.takeWarning();
      if (warning !== null) loans.emit({ type: "warning", code: "budget_blind", message: warning });
      return limit;
    },
    waits: loans.waits,
    keepStraggler: (work) => loans.stragglers.add(work),
  };
  return turn;
}

/** A toolbox that cannot be asked costs the turn what is new in it, not its tools. */
function takeSnapshot(catalog: ToolCatalog, emit: EngineSink): ToolSnapshot {
  try {
    return catalog.snapshot();
  } catch (error) {
    const last = catalog.lastSnapshot;
    if (last === null) throw error;
    const message = `the tools are those of before: ${error instanceof Error ? error.message : String(error)}`;
    emit({ type: "warning", code: "mcp_server_failed", message });
    return last;
  }
}
