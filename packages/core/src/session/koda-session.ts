import type { KodaAgent } from "../agent/koda-agent.ts";
import type { CompletionRequest, CompletionResult } from "../completion/direct-completion.ts";
import type { ContextReading } from "../context/context-meter.ts";
import type { ShrinkResult } from "../context/shrink-context.ts";
import { CoreError } from "../errors.ts";
import type { EngineCommand } from "../events/engine-command.ts";
import { type EngineEvent, engineEventVersion } from "../events/engine-event.ts";
import type { PendingTask } from "../lanes/external-task.ts";
import type { LaneQueue } from "../lanes/lane-queue.ts";
import type { SessionMemory } from "../memory/session-memory.ts";
import type { LlmProvider, ThinkingEffort, ToolDefinition } from "../ports/llm-provider.ts";
import type { ProxyEndpoint } from "../ports/proxy-endpoint.ts";
import type { Enforcement } from "../ports/runner.ts";
import type { ContextProviders } from "../prompt/context-providers.ts";
import type { ConnectionRecord } from "../store/connection-record.ts";
import type { SessionState } from "../store/session-record.ts";
import type { SessionTasks } from "../tasks/session-tasks.ts";
import type { ContextOverlayOptions } from "../tools/context-overlay.ts";
import type { TrustMode } from "../trust/trust-mode.ts";
import { toWaitKey } from "../turn/turn-keys.ts";
import { TurnStop } from "../turn/turn-stop.ts";
import { compactSession } from "./compact-session.ts";
import { moveLeaf } from "./move-leaf.ts";
import type { WaitingInput } from "./session-inputs.ts";
import { SessionLife } from "./session-life.ts";
import type { SessionParts } from "./session-parts.ts";
import { SessionTurns, type TurnOptions } from "./session-turns.ts";
import { SessionWorks } from "./session-works.ts";
import { thinkingValueName } from "./thinking-value.ts";
import { type TranscriptLine, toTranscriptLines } from "./transcript-lines.ts";
import type { UnfinishedTurn } from "./unfinished-turn.ts";

/** One conversation. At most one turn runs at a time; everything it says can be heard through `subscribe`. */
export class KodaSession implements AsyncDisposable {
  readonly id: string;
  readonly agent: KodaAgent;
  /** Null when the proxy could not start: commands then have no network through it. */
  readonly proxy: ProxyEndpoint | null;
  readonly socks5Proxy: ProxyEndpoint | null;
  readonly #parts: SessionParts;
  readonly #works: SessionWorks;
  readonly #turns: SessionTurns;
  readonly #life: SessionLife;
  readonly #openedAtMs: number;
  #isCompacting = false;
  #leaseLost: CoreError | null = null;
  #leaving: Promise<void> | null = null;
  #closing: Promise<void> | null = null;

  constructor(parts: SessionParts) {
    const { record, agent, effects } = parts;
    this.id = record.id;
    this.agent = agent;
    this.proxy = parts.proxy;
    this.socks5Proxy = parts.socks5Proxy;
    this.#parts = parts;
    this.#openedAtMs = effects.now();
    this.#works = new SessionWorks(parts, (error) => {
      this.#leaseLost = error;
      this.#turns.stop(new TurnStop({ kind: "error", code: error.code, message: error.message }));
    });
    this.#life = new SessionLife(record, (change) => {
      this.#works.transcript.changeSession(change);
      this.#works.emit({ type: "state-changed", state: change.state, reason: change.stateReason });
    });
    this.#turns = new SessionTurns(parts, this.#works, () => this.#life.state === "paused");
  }

  get mode(): TrustMode {
    return this.#parts.trust.mode();
  }

  get provider(): LlmProvider {
    return this.#works.provider;
  }

  get enforcement(): Enforcement {
    return this.#parts.runner.enforcement;
  }

  get state(): SessionState {
    return this.#life.state;
  }

  /** From the first prompt; null before it. */
  get title(): string | null {
    return this.#turns.title;
  }

  /** The turn that was left without its end; null when there is none, and while it runs. */
  get unfinishedTurn(): UnfinishedTurn | null {
    return this.#turns.unfinished;
  }

  /** The event that a stream of this session begins with. */
  toStartEvent(): EngineEvent {
    return {
      type: "session-start",
      sessionId: this.id,
      provider: this.provider.id,
      model: this.provider.model,
      mode: this.mode,
      enforcement: this.enforcement,
      projectRoot: this.agent.projectRoot,
      isResumed: this.#parts.isResumed,
      version: engineEventVersion,
    };
  }

  /**
   * Runs one turn: `turn-start` first, `turn-end` last, exactly once each. Failure, abort and limits are outcomes of
   * the `turn-end`. Leaving the loop early cancels the turn and waits for its end. `inputId` names the waiting input
   * whose text the prompt is.
   *
   * @throws {CoreError} at the first `next()`: `session_busy` while another turn runs, or after disposal;
   * `session_paused`, `session_ended` by its state; `lease_lost` once another process has taken the session over.
   */
  async *runTurn(prompt: string, options: TurnOptions = {}): AsyncGenerator<EngineEvent, void> {
    this.#checkReady();
    yield* this.#turns.run(prompt, options);
  }

  /**
   * Goes on with the turn that was left without its end, as the same turn. What it has done is not done again.
   *
   * @throws {CoreError} as {@link runTurn}; `nothing_to_continue`; `unsupported_version` when it ran by other rules.
   */
  async *continueTurn(options: Omit<TurnOptions, "inputId"> = {}): AsyncGenerator<EngineEvent, void> {
    this.#checkReady();
    yield* this.#turns.continue(options);
  }

  /** What was said and became no prompt yet, in order: to be run with {@link runTurn} and its `inputId`, or withdrawn. */
  waitingInputs(): readonly WaitingInput[] {
    return this.#works.inputs.waiting();
  }

  /** False when the command had no effect: nothing waits for it, no turn runs, the mode is not to be had. */
  send(command: EngineCommand): boolean {
    switch (command.type) {
      case "approve":
      case "reject":
        return this.#answer("approval", command);
      case "grant-steps":
        return this.#answer("steps", command);
      case "complete-task":
        return this.#completeTask(command);
      case "steer":
        return this.#steer(command);
      case "withdraw":
        return this.#works.inputs.withdraw(command.inputId);
      case "set-mode":
        return this.#setMode(command.mode);
      case "pause":
        return this.#life.pause();
      case "resume":
        return this.#life.resume();
      case "cancel":
        return this.#turns.stop();
      default:
        return command satisfies never;
    }
  }

  /** Holds new turns; one that runs ends after its step, and can be continued. False unless active. */
  pause(): boolean {
    return this.#life.pause();
  }

  /** False unless paused. */
  resume(): boolean {
    return this.#life.resume();
  }

  /** No prompt is taken any more until it is reopened. */
  complete(): void {
    this.#life.complete();
  }

  fail(reason: { readonly code: string; readonly text: string }): void {
    this.#life.fail(reason);
  }

  /** False unless completed or in error. */
  reopen(): boolean {
    return this.#life.reopen();
  }

  /** Hears every event, those between turns too, until the result is called. */
  subscribe(listener: (event: EngineEvent) => void): () => void {
    return this.#works.voice.subscribe(listener);
  }

  /**
   * The same as a loop: every event from now on, until the loop is left or the session is closed. A reader that is slow
   * holds up nothing: text is joined, and past `limit` waiting events (1,024 by default) the oldest are dropped, with a
   * `gap` in their place.
   */
  events(options: { readonly limit?: number | undefined } = {}): AsyncIterable<EngineEvent> {
    return this.#works.voice.listen(options);
  }

  /**
   * Asks the model one thing beside the conversation: no history, no tools. It is on record under its label. Rejects with
   * the signal's reason when aborted; what a model or network does wrong is a value.
   */
  completeDirectly(request: CompletionRequest): Promise<CompletionResult> {
    return this.#works.complete(request, this.#turns.runningId ?? "");
  }

  /**
   * Lays tools and prompt texts over the session, from its next turn on. False when that changes nothing.
   *
   * @throws {CoreError} `duplicate_tool` naming both sources; the old overlay then works on.
   */
  setContextOverlay(options: ContextOverlayOptions): boolean {
    return this.#parts.catalog.setOverlay(options);
  }

  /** Takes up what toolbox and overlay offer by now. What fails is thrown, and the tools are those of before. */
  refreshToolCatalog(): void {
    this.#parts.catalog.refresh();
  }

  /** Harmless at any time: what was kept is made anew, and equal where its inputs are. */
  invalidateCaches(): void {
    this.#parts.catalog.invalidate();
    this.#works.composer.invalidate();
  }

  /** Exactly what the model may call in the next turn; a copy. */
  listTools(): readonly ToolDefinition[] {
    return this.#parts.catalog.list();
  }

  /** Asked about every prompt from the next one on. */
  get contextProviders(): ContextProviders {
    return this.#parts.providers;
  }

  /** Null when it is off. */
  get memory(): SessionMemory | null {
    return this.#parts.memory;
  }

  get tasks(): SessionTasks {
    return this.#works.tasks;
  }

  /** When the work of the session runs, and who runs it. */
  get lanes(): LaneQueue {
    return this.#parts.lanes;
  }

  /** Calls that wait to be run outside, those of an earlier process too. */
  pendingExternalTasks(): readonly PendingTask[] {
    return this.#works.externalTasks.pending();
  }

  /** How full the model's context is, by the last request. */
  contextUsage(): ContextReading & { readonly turns: number } {
    return { ...this.#works.window.meter.reading, turns: this.#turns.count };
  }

  /** Takes a connection from a proxy of this session: it is stored, and told. */
  recordConnection(record: ConnectionRecord): void {
    if (record.callId !== null && record.verdict === "allowed") this.#works.connected.add(record.callId);
    this.#works.transcript.recordConnection(record);
    this.#works.emit(record);
  }

  /**
   * Goes back to an entry of the path, or with null to before the first: the next prompt follows it. What came after stays
   * on record, as a branch of its own; tasks, rules, costs and files stay as they are.
   *
   * @throws {CoreError} `session_busy` while a turn runs; `store_rejected` for an entry that is not on the path.
   */
  rewind(entryId: string | null): void {
    this.#checkIdle();
    moveLeaf(this.#parts, this.#works, entryId);
    if (entryId === null) this.#parts.guard.forget();
  }

  /**
   * Has the older part of the conversation summarised for the model; the record stays whole. A short conversation is left
   * as it is, and a failure changes nothing: both are values.
   *
   * @throws {CoreError} `session_busy` while a turn runs; `signal.reason` when aborted.
   */
  async compact(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<ShrinkResult> {
    this.#checkIdle();
    this.#isCompacting = true;
    try {
      const signals = options.signal === undefined ? [] : [options.signal];
      return await this.#works.during((closing) =>
        compactSession(this.#parts, this.#works, AbortSignal.any([closing, ...signals])),
      );
    } finally {
      this.#isCompacting = false;
    }
  }

  /** The next turn uses `provider`; one that runs ends with the one it has. */
  updateProvider(provider: LlmProvider): void {
    this.#works.provider = provider;
    this.#works.transcript.changeSession({ providerId: provider.id, model: provider.model });
    this.#works.emit({ type: "model-changed", provider: provider.id, model: provider.model });
  }

  /** Null: as it does by itself. */
  get thinking(): ThinkingEffort | null {
    return this.#works.thinking;
  }

  /**
   * How much the model thinks from the next turn on, in resumed sessions too; null for as it does by itself.
   *
   * @throws {CoreError} `bad_option` for a model that is known to refuse it.
   */
  setThinking(effort: ThinkingEffort | null): void {
    if (effort !== null) checkThinking(this.provider);
    this.#works.thinking = effort;
    this.#works.transcript.writeValue(thinkingValueName, JSON.stringify(effort));
  }

  /** What the model is shown of what was said so far, for showing a resumed session. */
  transcript(): readonly TranscriptLine[] {
    const { entries, calls } = this.#works.transcript;
    return toTranscriptLines(entries, calls);
  }

  /** Tells the hooks that it is open. To be awaited before the first turn. */
  async greet(): Promise<void> {
    await this.#works.hooks.sessionStart({
      sessionId: this.id,
      projectRoot: this.agent.projectRoot,
      provider: this.provider.id,
      model: this.provider.model,
      mode: this.mode,
      isResumed: this.#parts.isResumed,
    });
  }

  /**
   * Cancels a running turn, waits for its end, and tells the hooks that the session is over: no other turn begins. Disposing
   * does so first; on its own it is for what hooks run in and has to be closed before the session is.
   */
  async takeLeave(): Promise<void> {
    this.#leaving ??= this.#leave();
    await this.#leaving;
  }

  /** For the parts that {@link openSession} makes: what they have to say. */
  tell(event: EngineEvent): void {
    this.#works.emit(event);
  }

  /** The session is held with another provider from now on, as somebody asked: that is told, and on record. */
  noteRebind({ providerId, previousId }: { readonly providerId: string; readonly previousId: string }): void {
    const text = `the session was held with provider ${previousId}, and goes on with ${providerId}`;
    const createdAtMs = this.#parts.effects.now();
    this.#works.transcript.recordAudit({
      kind: "provider_changed",
      severity: "info",
      action: "noted",
      text,
      createdAtMs,
    });
    this.#works.emit({ type: "model-changed", provider: providerId, model: this.provider.model });
  }

  /** Another process has taken the session over: a running turn ends, and no other begins. */
  endByLease(error: CoreError): void {
    this.#works.lose(error);
  }

  /** Cancels a running turn, waits for it and for tools that are slow to stop (at most 5 s), and gives up the lease. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    await this.takeLeave();
    await this.#works[Symbol.asyncDispose]();
  }

  async #leave(): Promise<void> {
    this.#turns.stop();
    await this.#turns.ended();
    await this.#works.hooks.sessionEnd({
      sessionId: this.id,
      projectRoot: this.agent.projectRoot,
      durationMs: Math.max(0, this.#parts.effects.now() - this.#openedAtMs),
    });
  }

  #checkIdle(): void {
    if (this.#leaseLost !== null) throw this.#leaseLost;
    if (this.#leaving !== null) throw new CoreError("session_busy", `session ${this.id} is closed`);
    if (this.#turns.runningId !== null || this.#isCompacting) {
      throw new CoreError("session_busy", `session ${this.id} is at work: a turn, or a summary`);
    }
  }

  #checkReady(): void {
    this.#checkIdle();
    this.#life.checkTakesPrompts(this.id);
  }

  #answer(kind: "approval" | "steps", command: EngineCommand & { readonly requestId: string }): boolean {
    const value = this.#parts.guard.redactValue(command);
    return this.#works.waits.answer(toWaitKey(this.id, command.requestId), { kind, value });
  }

  #steer({ text, inputId, boundary = "this-turn" }: Extract<EngineCommand, { type: "steer" }>): boolean {
    if (text.trim() === "" || (this.#turns.runningId === null && boundary === "this-turn")) return false;
    const id = inputId ?? this.#parts.effects.id();
    return this.#works.inputs.add({ id, text: this.#works.toSafe(text), boundary });
  }

  #completeTask(command: Extract<EngineCommand, { type: "complete-task" }>): boolean {
    let isFirst = false;
    this.#works.survive(() => {
      isFirst = this.#works.externalTasks.complete(this.#parts.guard.redactValue(command), {
        by: `process ${process.pid}`,
      });
    });
    return isFirst;
  }

  #setMode(mode: TrustMode): boolean {
    if (mode === this.mode) return false;
    if (mode === "auto" && this.enforcement !== "kernel") return false;
    this.#parts.trust.setMode(mode);
    this.#works.transcript.changeSession({ mode });
    this.#works.emit({ type: "mode-changed", mode });
    return true;
  }
}

/** @throws {CoreError} `bad_option` for a model that is known to refuse to be told how much to think. */
export function checkThinking({ model, canThink }: LlmProvider): void {
  if (canThink === false) {
    throw new CoreError("bad_option", `${model} cannot be told how much to think; another model can`);
  }
}
