import { setTimeout as delay } from "node:timers/promises";
import {
  type Complete,
  type CompletionRequest,
  type CompletionResult,
  createCompletions,
} from "../completion/direct-completion.ts";
import { CoreError } from "../errors.ts";
import type { EngineEvent } from "../events/engine-event.ts";
import type { EngineSink } from "../events/engine-sink.ts";
import { SessionHooks } from "../hooks/session-hooks.ts";
import { ExternalTasks } from "../lanes/external-tasks.ts";
import { GoalTracker } from "../planning/goal.ts";
import type { Effects } from "../ports/effects.ts";
import type { LlmProvider, ThinkingEffort } from "../ports/llm-provider.ts";
import type { Runner } from "../ports/runner.ts";
import { PromptComposer } from "../prompt/prompt-composer.ts";
import type { AuditRecord } from "../store/ledger-store.ts";
import { SessionTasks } from "../tasks/session-tasks.ts";
import { noteUsage } from "../turn/record-attempt.ts";
import { TurnWindow } from "../turn/turn-window.ts";
import { LossReport } from "./loss-report.ts";
import { SessionInputs } from "./session-inputs.ts";
import type { SessionParts } from "./session-parts.ts";
import { SessionVoice } from "./session-voice.ts";
import { SessionWaits } from "./session-waits.ts";
import { Stragglers } from "./stragglers.ts";
import { parseThinking, thinkingValueName } from "./thinking-value.ts";
import { Transcript } from "./transcript.ts";

/** Whose questions they are. */
export interface CompletionsOf {
  /** Begins the keys of their effects. */
  readonly key: string;
  /** Empty between turns. */
  readonly turnId: string;
  readonly prompt: string;
  readonly emit: EngineSink;
}

/** What a session makes of its parts, and keeps as long as it is open: its turns work with it. */
export class SessionWorks implements AsyncDisposable {
  readonly voice: SessionVoice;
  readonly transcript: Transcript;
  readonly window: TurnWindow;
  readonly composer: PromptComposer;
  readonly inputs: SessionInputs;
  readonly waits: SessionWaits;
  readonly hooks: SessionHooks;
  readonly externalTasks: ExternalTasks;
  readonly tasks: SessionTasks;
  /** Null without a goal. */
  readonly goal: GoalTracker | null;
  readonly stragglers: Stragglers = new Stragglers();
  readonly losses: LossReport;
  /** Ids of the calls that have reached an allowed host. */
  readonly connected: Set<string> = new Set();
  provider: LlmProvider;
  /** Null: as the model does by itself. */
  thinking: ThinkingEffort | null;
  readonly #closing = new AbortController();
  readonly #parts: SessionParts;
  readonly #onLeaseLost: (error: CoreError) => void;

  /** `onLeaseLost`: another process has the session now. */
  constructor(parts: SessionParts, onLeaseLost: (error: CoreError) => void) {
    const { record, store, effects, lease, view, guard } = parts;
    const { writer } = lease;
    const emit = (event: EngineEvent): void => this.voice.emit(event);
    const now = (): number => effects.now();
    const onLost = (error: CoreError): void => this.lose(error);
    this.#parts = parts;
    this.#onLeaseLost = onLeaseLost;
    this.provider = parts.provider;
    this.thinking = parseThinking(store.readValue(record.id, thinkingValueName));
    this.losses = new LossReport(emit);
    this.voice = new SessionVoice({ store, writer, onLost: (error) => this.lose(error) });
    this.voice.settle(record.leafId, null);
    const onSettled: SessionVoice["settle"] = (leafId, draft) => this.voice.settle(leafId, draft);
    this.transcript = new Transcript({ writer, store, effects, view, leafId: record.leafId, onLost, onSettled });
    this.window = new TurnWindow({
      transcript: this.transcript,
      isWhole: view.isWhole,
      provider: parts.provider,
      threshold: parts.compactAt,
      label: (text, from) => guard.label(text, from),
      blanked: parts.blanked,
    });
    this.composer = new PromptComposer(parts.agent.systemPrompt);
    this.inputs = new SessionInputs({ sessionId: record.id, store, now, onLost });
    this.waits = new SessionWaits({ writer, store, effects, onLost });
    // Their time passes inside of an effect, so that a replay need not wait for it.
    const sleep = (durationMs: number, signal: AbortSignal): Promise<void> => delay(durationMs, undefined, { signal });
    this.hooks = new SessionHooks({ engines: parts.hooks, sleep, onReport: emit });
    this.externalTasks = new ExternalTasks({ store: this.waits.watching(), writer, effects, emit });
    this.tasks = new SessionTasks({ store, writer, now: () => Date.now(), emit }); // written inside of effects
    const complete = (request: CompletionRequest): Promise<CompletionResult> => this.complete(request, "");
    const { goal } = parts;
    const runner = toReplayedRunner(parts.runner, effects);
    this.goal = goal === null ? null : new GoalTracker({ goal, runner, complete, now, emit });
    for (const { name, result } of view.calls.values()) {
      if (result !== null) guard.recall({ toolName: name, origin: result.origin, text: result.text });
    }
    parts.onAudit((finding) => this.#audit(finding));
  }

  emit(event: EngineEvent): void {
    this.voice.emit(event);
  }

  /** Does something that the store may refuse: the session goes on with what it has. */
  survive(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.lose(error);
    }
  }

  /** Only what another process holds ends a turn: two writers would make two conversations. */
  lose(cause: unknown): void {
    const error = cause instanceof CoreError ? cause : new CoreError("store_failed", String(cause), { cause });
    if (error.code === "lease_lost") this.#onLeaseLost(error);
    this.losses.tell(error);
  }

  /** What a person writes may hold a secret: it is learnt, so that it is found wherever it turns up again. */
  toSafe(text: string): string {
    const { guard } = this.#parts;
    guard.learn(text);
    return guard.redact(text.toWellFormed());
  }

  /**
   * Questions to the model beside the conversation: on record under their labels, asked about by the hooks as any request
   * is, one at a time with the requests of turns.
   */
  createCompletions(of: CompletionsOf): Complete {
    const { effects, guard, lanes } = this.#parts;
    const complete = createCompletions({
      provider: this.provider,
      effects,
      key: of.key,
      redact: (text) => guard.redact(text),
      recordUsage: (usage) => {
        noteUsage({ transcript: this.transcript, emit: of.emit }, { ...usage, turnId: of.turnId, step: 0 }, null);
      },
    });
    let count = 0;
    return async (request) => {
      const { label: name, signal } = request;
      count += 1;
      const key = `${of.key}/before-generate/${count}`;
      const blocked = await this.#askHooks(key, { ...of, signal });
      if (blocked !== null) return { kind: "failed", failure: { code: "bad_request", message: blocked } };
      const job = { lane: "generate", name, signal, writePaths: [], run: () => complete(request) } as const;
      return await lanes.run(job);
    };
  }

  /** Between turns, or beside one. */
  async complete(request: CompletionRequest, turnId: string): Promise<CompletionResult> {
    const { effects, record } = this.#parts;
    const key = `${record.id}/direct/${effects.id()}`;
    const emit = (event: EngineEvent): void => this.emit(event);
    const complete = this.createCompletions({ key, turnId, prompt: request.prompt, emit });
    return await this.during((closing) => complete({ ...request, signal: AbortSignal.any([request.signal, closing]) }));
  }

  /** Work that ends with the session: aborted when it closes, and waited for. */
  during<T>(work: (closing: AbortSignal) => Promise<T>): Promise<T> {
    const running = work(this.#closing.signal);
    this.stragglers.add(running);
    return running;
  }

  /** Why the hooks do not want it asked; null when they do not mind. */
  async #askHooks(key: string, { turnId, prompt, signal }: CompletionsOf & { readonly signal: AbortSignal }) {
    if (!this.hooks.hears("before-generate")) return null;
    const { id: provider, model } = this.provider;
    const told = { sessionId: this.#parts.record.id, turnId, provider, model, prompt, tools: [] };
    const outcome = await this.#parts.effects.run(key, () => this.hooks.beforeGenerate(told, { signal }));
    return outcome.kind === "block" ? outcome.reason : null;
  }

  /** Waits for tools that are slow to stop (at most 5 s), and gives everything back, the lease last. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { guard, lanes, lease } = this.#parts;
    this.#closing.abort(new DOMException("the session is closed", "AbortError"));
    await this.stragglers.settle(5000);
    await this.#settleHooks();
    this.waits[Symbol.dispose]();
    await lanes.stop();
    guard.wipe();
    this.transcript.close();
    this.voice[Symbol.dispose]();
    lease[Symbol.dispose]();
  }

  /** Hooks that nobody waits for: their end, at most 5 s of it. */
  async #settleHooks(): Promise<void> {
    const stragglers = new Stragglers();
    stragglers.add(this.#parts.commandHooks.settled());
    await stragglers.settle(5000);
  }

  #audit(record: AuditRecord): void {
    this.transcript.recordAudit(record);
    const { kind, severity, action, text } = record;
    this.emit({ type: "audit", kind, severity, action, text });
  }
}

/** Its commands are effects: a replay gives what they gave, and runs nothing. */
function toReplayedRunner(runner: Runner, effects: Effects): Runner {
  let count = 0;
  return {
    enforcement: runner.enforcement,
    run(request, options) {
      count += 1;
      return effects.run(`${request.callId}/command/${count}`, () => runner.run(request, options));
    },
  };
}
