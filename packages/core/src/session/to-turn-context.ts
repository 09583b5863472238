import type { EngineSink } from "../events/engine-sink.ts";
import { readProjectContext } from "../prompt/read-project-context.ts";
import type { ToolCatalog } from "../tools/catalog.ts";
import type { ToolSnapshot } from "../tools/tool-snapshot.ts";
import { Spending } from "../turn/spending.ts";
import { TurnClock } from "../turn/turn-clock.ts";
import type { TurnContext } from "../turn/turn-context.ts";
import { toEffectKey } from "../turn/turn-keys.ts";
import { readTurn } from "./read-turn.ts";
import type { SessionParts } from "./session-parts.ts";
import type { SessionWorks } from "./session-works.ts";

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

/** What is particular to one turn. */
export interface TurnParticulars {
  readonly start: TurnStart;
  readonly signal: AbortSignal;
  readonly values: Readonly<Record<string, unknown>>;
  readonly isPaused: () => boolean;
  readonly acceptPrompt: () => void;
}

/** Everything that one turn uses. */
export function toTurnContext(parts: SessionParts, works: SessionWorks, particulars: TurnParticulars): TurnContext {
  const { agent, effects, pathGuard, trust, guard } = parts;
  const { inputs, composer, provider } = works;
  const { start } = particulars;
  const sessionId = parts.record.id;
  const tools = takeSnapshot(parts.catalog, (event) => works.emit(event));
  const spending = new Spending(parts.budget, () => effects.now());
  if (start.isContinued) {
    works.survive(() => {
      spending.takeUp(parts.store.listUsage(sessionId).filter(({ turnId }) => turnId === start.turnId));
    });
  }
  // A turn that goes on asks under keys of its own: what was asked before may have another answer now.
  const attempt = start.isContinued ? `again-${start.leafId}` : "first";
  let system: Promise<string> | null = null;

  const composeSystemPrompt = async (): Promise<string> => {
    const { projectRoot } = agent;
    const nowMs = effects.now();
    const key = toEffectKey({ sessionId, turnNumber: start.turnNumber }, "project", attempt);
    const context = await effects.run(key, async () => readProjectContext({ projectRoot, pathGuard, nowMs }));
    return composer.compose(context, [...tools.contributions, ...guard.contributions]);
  };

  const turn: TurnContext = {
    sessionId,
    turnId: start.turnId,
    turnNumber: start.turnNumber,
    prompt: start.prompt,
    isContinued: start.isContinued,
    readOwnEntries: () =>
      start.isContinued ? readTurn(start, (entryId) => parts.store.readEntry(entryId)) : works.transcript.entries,
    projectRoot: agent.projectRoot,
    provider,
    thinking: works.thinking,
    values: particulars.values,
    runner: parts.runner,
    pathGuard,
    effects,
    tools,
    files: parts.files,
    transcript: works.transcript,
    window: works.window,
    guard,
    hooks: works.hooks,
    lanes: parts.lanes,
    complete: works.createCompletions({
      key: toEffectKey({ sessionId, turnNumber: start.turnNumber }, attempt),
      turnId: start.turnId,
      prompt: start.prompt,
      emit: (event) => turn.emit(event),
    }),
    providers: parts.providers,
    isPlanning: parts.isPlanning,
    goal: works.goal,
    taskList: works.tasks,
    plan: null,
    tasks: works.externalTasks,
    hasConnected: (callId) => works.connected.has(callId),
    trust: {
      mode: () => trust.mode(),
      rules: () => trust.rules(),
      allowAlways: (ruleText) => works.survive(() => trust.allowAlways(ruleText)),
    },
    approvals: parts.approvals,
    answerWithinMs: parts.answerWithinMs,
    maxSteps: parts.maxSteps,
    clock: new TurnClock(() => effects.now()),
    emit: (event) => {
      spending.hear(event);
      works.emit(event);
    },
    signal: particulars.signal,
    acceptPrompt: particulars.acceptPrompt,
    composeSystemPrompt: () => (system ??= composeSystemPrompt()),
    takeSteering: () =>
      inputs
        .waiting()
        .filter(({ boundary }) => boundary === "this-turn")
        .map((input) => ({ id: input.id, text: input.text, isStored: inputs.take(input) })),
    isPaused: particulars.isPaused,
    checkBudget: () => {
      const limit = spending.check();
      const warning = spending.takeWarning();
      if (warning !== null) works.emit({ type: "warning", code: "budget_blind", message: warning });
      return limit;
    },
    waits: works.waits,
    keepStraggler: (work) => works.stragglers.add(work),
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
