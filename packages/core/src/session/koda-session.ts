import { setTimeout as delay } from "node:timers/promises";
import type { KodaAgent } from "../agent/koda-agent.ts";
import { type CompletionRequest, type CompletionResult, createCompletions } from "../completion/direct-completion.ts";
import type { ContextReading } from "../context/context-meter.ts";
import { CoreError } from "../errors.ts";
import { Broadcast } from "../events/broadcast.ts";
import type { EngineCommand } from "../events/engine-command.ts";
import { type EngineEvent, engineEventVersion } from "../events/engine-event.ts";
import { EventQueue } from "../events/event-queue.ts";
import { LiveLog } from "../events/live-log.ts";
import { SessionHooks } from "../hooks/session-hooks.ts";
import type { PendingTask } from "../lanes/external-task.ts";
import { ExternalTasks } from "../lanes/external-tasks.ts";
import type { LaneQueue } from "../lanes/lane-queue.ts";
import type { SessionMemory } from "../memory/session-memory.ts";
import { GoalTracker } from "../planning/goal.ts";
import type { LlmProvider, ToolDefinition } from "../ports/llm-provider.ts";
import type { ProxyEndpoint } from "../ports/proxy-endpoint.ts";
import type { Enforcement } from "../ports/runner.ts";
import type { ContextProviders } from "../prompt/context-providers.ts";
import { PromptComposer } from "../prompt/prompt-composer.ts";
import type { ConnectionRecord } from "../store/connection-record.ts";
import type { AuditRecord } from "../store/ledger-store.ts";
import type { SessionState } from "../store/session-record.ts";
import { SessionTasks } from "../tasks/session-tasks.ts";
import type { ContextOverlayOptions } from "../tools/context-overlay.ts";
import type { TrustMode } from "../trust/trust-mode.ts";
import { noteUsage } from "../turn/record-attempt.ts";
import { runTurn } from "../turn/run-turn.ts";
import { toEffectKey, toWaitKey } from "../turn/turn-keys.ts";
import { turnProtocol } from "../turn/turn-protocol.ts";
import { TurnStop } from "../turn/turn-stop.ts";
import { TurnWindow } from "../turn/turn-window.ts";
import { LossReport } from "./loss-report.ts";
import { SessionInputs, type WaitingInput } from "./session-inputs.ts";
import { SessionLife } from "./session-life.ts";
import type { SessionParts } from "./session-parts.ts";
import { SessionWaits } from "./session-waits.ts";
import { Stragglers } from "./stragglers.ts";
import { toTitle } from "./to-title.ts";
import { type TurnStart, toTurnContext } from "./to-turn-context.ts";
import { Transcript } from "./transcript.ts";
import { type TranscriptLine, toTranscriptLines } from "./transcript-lines.ts";
import { findUnfinishedTurn, type UnfinishedTurn } from "./unfinished-turn.ts";

/** One conversation. At most one turn runs at a time; everything it says can be heard through `subscribe`. */
export class KodaSession implements AsyncDisposable {
  readonly id: string;
  readonly agent: KodaAgent;
  /** Null when the proxy could not start: commands then have no network through it. */
  readonly proxy: ProxyEndpoint | null;
  readonly socks5Proxy: ProxyEndpoint | null;
  readonly #parts: SessionParts;
  readonly #transcript: Transcript;
  readonly #window: TurnWindow;
  readonly #hooks: SessionHooks;
  readonly #tasks: ExternalTasks;
  readonly #taskList: SessionTasks;
  readonly #connected = new Set<string>();
  readonly #composer: PromptComposer;
  readonly #broadcast = new Broadcast<EngineEvent>();
  readonly #queues = new Set<EventQueue>();
  readonly #live: LiveLog;
  readonly #stragglers = new Stragglers();
  readonly #inputs: SessionInputs;
  readonly #waits: SessionWaits;
  readonly #life: SessionLife;
  readonly #losses: LossReport;
  #goal: GoalTracker | null = null;
  #provider: LlmProvider;
  readonly #openedAtMs: number;
  #title: string | null;
  #turnCount: number;
  #turn: RunningTurn | null = null;
  #closing: Promise<void> | null = null;

  constructor(parts: SessionParts) {
    const { record, store, effects, lease, view, agent } = parts;
    this.id = record.id;
    this.agent = agent;
    this.proxy = parts.proxy;
    this.socks5Proxy = parts.socks5Proxy;
    this.#parts = parts;
    this.#provider = parts.provider;
    this.#openedAtMs = effects.now();
    this.#title = record.title;
    this.#turnCount = record.turnCount;
    this.#composer = new PromptComposer(agent.systemPrompt);
    this.#losses = new LossReport((event) => this.#emit(event));
    const onLost = (error: CoreError): void => this.#lose(error);
    const { writer } = lease;
    this.#live = new LiveLog({
      store,
      writer,
      now: () => effects.now(),
      schedule,
      onLost: (error) => this.#lose(toCoreError(error)),
    });
    this.#live.settle(record.leafId, null);
    this.#transcript = new Transcript({
      writer,
      store,
      effects,
      view,
      leafId: record.leafId,
      onLost,
      onSettled: (leafId, draft) => this.#live.settle(leafId, draft),
    });
    this.#window = new TurnWindow({
      transcript: this.#transcript,
      isWhole: view.isWhole,
      contextWindow: parts.provider.contextWindow,
      threshold: parts.compactAt,
      label: (text, from) => parts.guard.label(text, from),
      blanked: parts.blanked,
    });
    this.#inputs = new SessionInputs({ sessionId: record.id, store, now: () => effects.now(), onLost });
    this.#waits = new SessionWaits({ writer, store, effects, onLost });
    this.#hooks = new SessionHooks({
      engines: parts.hooks,
      // Inside of an effect, so that a replay need not wait for it.
      sleep: (durationMs, signal) => delay(durationMs, undefined, { signal }),
      onReport: (event) => this.#emit(event),
    });
    this.#tasks = new ExternalTasks({
      store: this.#waits.watching(),
      writer,
      effects,
      emit: (event) => this.#emit(event),
    });
    const emit = (event: EngineEvent): void => this.#emit(event);
    this.#taskList = new SessionTasks({ store, writer, now: () => effects.now(), emit });
    parts.onAudit((finding) => this.#audit(finding));
    this.#life = new SessionLife(record, (change) => {
      this.#transcript.changeSession(change);
      this.#emit({ type: "state-changed", state: change.state, reason: change.stateReason });
    });
  }

  get mode(): TrustMode {
    return this.#parts.trust.mode();
  }

  get provider(): LlmProvider {
    return this.#provider;
  }

  get enforcement(): Enforcement {
    return this.#parts.runner.enforcement;
  }

  get state(): SessionState {
    return this.#life.state;
  }

  /** From the first prompt; null before it. */
  get title(): string | null {
    return this.#title;
  }

  /** The turn that was left without its end; null when there is none, and while it runs. */
  get unfinishedTurn(): UnfinishedTurn | null {
    return this.#turn === null ? findUnfinishedTurn(this.#transcript.entries) : null;
  }

  /** The event that a stream of this session begins with. */
  toStartEvent(): EngineEvent {
    return {
      type: "session-start",
      sessionId: this.id,
      provider: this.#provider.id,
      model: this.#provider.model,
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
   * `session_paused`, `session_ended` by its state.
   */
  async *runTurn(prompt: string, options: TurnOptions = {}): AsyncGenerator<EngineEvent, void> {
    this.#checkReady();
    yield* this.#conduct(options, {
      turnId: this.#parts.effects.id(),
      turnNumber: this.#turnCount + 1,
      prompt: this.#toSafe(prompt),
      isContinued: false,
      inputId: options.inputId ?? null,
      leafId: this.#transcript.leafId,
    });
  }

  /**
   * Goes on with the turn that was left without its end, as the same turn. What it has done is not done again.
   *
   * @throws {CoreError} as {@link runTurn}; `nothing_to_continue`; `unsupported_version` when it ran by other rules.
   */
  async *continueTurn(options: Omit<TurnOptions, "inputId"> = {}): AsyncGenerator<EngineEvent, void> {
    this.#checkReady();
    const unfinished = this.unfinishedTurn;
    if (unfinished === null) {
      throw new CoreError("nothing_to_continue", `session ${this.id} has no turn without an end`);
    }
    if (unfinished.protocol !== turnProtocol) {
      throw new CoreError(
        "unsupported_version",
        `the unfinished turn of session ${this.id} ran by version ${unfinished.protocol} of the rules, this program knows ${turnProtocol}; a new prompt works`,
      );
    }
    yield* this.#conduct(options, {
      ...unfinished,
      isContinued: true,
      inputId: null,
      leafId: this.#transcript.leafId,
    });
  }

  /** What was said and became no prompt yet, in order: to be run with {@link runTurn} and its `inputId`, or withdrawn. */
  waitingInputs(): readonly WaitingInput[] {
    return this.#inputs.waiting();
  }

  /** False when the command had no effect: nothing waits for it, no turn runs, the mode is not to be had. */
  send(command: EngineCommand): boolean {
    switch (command.type) {
      case "approve":
      case "reject":
      case "grant-steps":
        return this.#waits.answer(toWaitKey(this.id, command.requestId), command);
      case "complete-task":
        return this.#completeTask(command);
      case "steer":
        return this.#steer(command);
      case "withdraw":
        return this.#inputs.withdraw(command.inputId);
      case "set-mode":
        return this.#setMode(command.mode);
      case "pause":
        return this.#life.pause();
      case "resume":
        return this.#life.resume();
      case "cancel":
        this.#turn?.stop();
        return this.#turn !== null;
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
    return this.#broadcast.subscribe(listener);
  }

  /**
   * The same as a loop: every event from now on, until the loop is left or the session is closed. A reader that is slow
   * holds up nothing: text is joined, and past `limit` waiting events (1,024 by default) the oldest are dropped, with a
   * `gap` in their place.
   */
  events(options: { readonly limit?: number | undefined } = {}): AsyncIterable<EngineEvent> {
    const queue = new EventQueue({
      ...options,
      onClose: () => {
        leave();
        this.#queues.delete(queue);
      },
    });
    const leave = this.#broadcast.subscribe((event) => queue.push(event));
    this.#queues.add(queue);
    if (this.#closing !== null) queue.close();
    return queue;
  }

  /**
   * Asks the model one thing beside the conversation: no history, no tools. It is on record under its label. Rejects with
   * the signal's reason when aborted; what a model or network does wrong is a value.
   */
  async completeDirectly(request: CompletionRequest): Promise<CompletionResult> {
    const { effects, guard } = this.#parts;
    const complete = createCompletions({
      provider: this.#provider,
      effects,
      key: `${this.id}/direct/${effects.id()}`,
      redact: (text) => guard.redact(text),
      recordUsage: (usage) => {
        const record = { ...usage, turnId: this.#turn?.id ?? "", step: 0 };
        noteUsage({ transcript: this.#transcript, emit: (event) => this.#emit(event) }, record, null);
      },
    });
    return await complete(request);
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
    this.#composer.invalidate();
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
    return this.#taskList;
  }

  /** When the work of the session runs, and who runs it. */
  get lanes(): LaneQueue {
    return this.#parts.lanes;
  }

  /** Calls that wait to be run outside, those of an earlier process too. */
  pendingExternalTasks(): readonly PendingTask[] {
    return this.#tasks.pending();
  }

  /** How full the model's context is, by the last request. */
  contextUsage(): ContextReading & { readonly turns: number } {
    return { ...this.#window.meter.reading, turns: this.#turnCount };
  }

  /** Takes a connection from a proxy of this session: it is stored, and told. */
  recordConnection(record: ConnectionRecord): void {
    if (record.callId !== null && record.verdict === "allowed") this.#connected.add(record.callId);
    this.#transcript.recordConnection(record);
    this.#emit(record);
  }

  /** The next turn uses `provider`; one that runs ends with the one it has. */
  updateProvider(provider: LlmProvider): void {
    this.#provider = provider;
    this.#window.meter.setWindow(provider.contextWindow);
    this.#transcript.changeSession({ providerId: provider.id, model: provider.model });
    this.#emit({ type: "model-changed", provider: provider.id, model: provider.model });
  }

  /** What the model is shown of what was said so far, for showing a resumed session. */
  transcript(): readonly TranscriptLine[] {
    return toTranscriptLines(this.#transcript.entries, this.#transcript.calls);
  }

  /** Tells the hooks that it is open. To be awaited before the first turn. */
  async greet(): Promise<void> {
    await this.#hooks.sessionStart({
      sessionId: this.id,
      projectRoot: this.agent.projectRoot,
      provider: this.#provider.id,
      model: this.#provider.model,
      mode: this.mode,
      isResumed: this.#parts.isResumed,
    });
  }

  /** For the parts that {@link openSession} makes: what they have to say. */
  tell(event: EngineEvent): void {
    this.#emit(event);
  }

  /** Another process has taken the session over: a running turn ends, and no other begins. */
  endByLease(error: CoreError): void {
    this.#lose(error);
  }

  /** Cancels a running turn, waits for it and for tools that are slow to stop (at most 5 s), and gives up the lease. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    this.#turn?.stop();
    await this.#turn?.ended;
    await this.#stragglers.settle(5000);
    await this.#hooks.sessionEnd({
      sessionId: this.id,
      projectRoot: this.agent.projectRoot,
      durationMs: Math.max(0, this.#parts.effects.now() - this.#openedAtMs),
    });
    this.#waits[Symbol.dispose]();
    this.#parts.guard.wipe();
    await this.#parts.lanes.stop();
    for (const queue of this.#queues) queue.close();
    this.#live[Symbol.dispose]();
    this.#parts.lease[Symbol.dispose]();
  }

  #checkReady(): void {
    if (this.#closing !== null) throw new CoreError("session_busy", `session ${this.id} is closed`);
    if (this.#turn !== null) throw new CoreError("session_busy", `a turn of session ${this.id} is running`);
    this.#life.checkTakesPrompts(this.id);
  }

  async *#conduct(options: TurnOptions, start: TurnStart): AsyncGenerator<EngineEvent, void> {
    const { promise: ended, resolve: setEnded } = Promise.withResolvers<void>();
    const controller = new AbortController();
    const cancelled = new DOMException("the turn was cancelled", "AbortError");
    const stop = (reason: Error = cancelled): void => controller.abort(reason);
    const events = new EventQueue();
    const over = new AbortController();
    this.#turn = { id: start.turnId, events, stop, ended };
    this.#losses.reset();
    this.#beginGuard(start);
    try {
      const signal =
        options.signal === undefined ? controller.signal : AbortSignal.any([controller.signal, options.signal]);
      const turn = toTurnContext(this.#parts, {
        start,
        signal,
        provider: this.#provider,
        transcript: this.#transcript,
        window: this.#window,
        hooks: this.#hooks,
        tasks: this.#tasks,
        goal: this.#toGoalTracker(),
        taskList: this.#taskList,
        hasConnected: (callId) => this.#connected.has(callId),
        composer: this.#composer,
        inputs: this.#inputs,
        waits: this.#waits,
        stragglers: this.#stragglers,
        emit: (event) => this.#emit(event),
        survive: (act) => this.#survive(act),
        isPaused: () => this.#life.state === "paused",
        acceptPrompt: () => this.#acceptPrompt(start),
      });
      void this.#stopInTime(start, stop, over.signal);
      yield* runTurn(turn, { events, stop });
    } finally {
      over.abort();
      this.#turn = null;
      setEnded();
    }
  }

  /** What a turn has read before it was interrupted counts as read. */
  #beginGuard({ turnId, isContinued }: TurnStart): void {
    const { guard } = this.#parts;
    guard.newTurn();
    if (!isContinued) return;
    const own = new Set(this.#transcript.entries.filter((entry) => entry.turnId === turnId).map(({ id }) => id));
    for (const { entryId, name, result } of this.#transcript.calls.values()) {
      if (result === null || !own.has(entryId)) continue;
      guard.noteResult({ toolName: name, origin: result.origin, text: result.text });
    }
  }

  /** Ends a turn in the middle of a step, too, when it has taken as long as it may. */
  async #stopInTime({ turnNumber }: TurnStart, stop: (reason: Error) => void, signal: AbortSignal): Promise<void> {
    const { effects, budget } = this.#parts;
    const { maxTurnMs } = budget;
    if (maxTurnMs === undefined) return;
    try {
      await effects.sleep(toEffectKey({ sessionId: this.id, turnNumber }, "timeout"), maxTurnMs, { signal });
      stop(new TurnStop({ kind: "limit", limit: "timeout", message: `stopped after ${maxTurnMs / 1000} s` }));
    } catch {
      // The turn was over before.
    }
  }

  /** Also takes up what other processes have settled for the project since the last turn. */
  #acceptPrompt({ turnId, turnNumber, prompt, inputId, isContinued }: TurnStart): void {
    if (!isContinued) {
      this.#turnCount = turnNumber;
      this.#title ??= toTitle(prompt);
      const taken = inputId === null ? undefined : this.#inputs.waiting().find(({ id }) => id === inputId);
      this.#transcript.appendPrompt(
        turnId,
        { kind: "user", source: "prompt", text: prompt, turn: { number: turnNumber, protocol: turnProtocol } },
        {
          change: { title: this.#title, turnCount: turnNumber },
          acceptsInput: taken !== undefined && this.#inputs.take(taken) ? taken.id : undefined,
        },
      );
      if (taken !== undefined) this.#emit({ type: "input-accepted", inputId: taken.id, text: taken.text });
    }
    this.#survive(() => this.#parts.trust.reload());
  }

  #steer({ text, inputId, boundary = "this-turn" }: Extract<EngineCommand, { type: "steer" }>): boolean {
    if (text.trim() === "" || (this.#turn === null && boundary === "this-turn")) return false;
    const id = inputId ?? this.#parts.effects.id();
    return this.#inputs.add({ id, text: this.#toSafe(text), boundary });
  }

  #completeTask(command: Extract<EngineCommand, { type: "complete-task" }>): boolean {
    try {
      return this.#tasks.complete(command, { by: `process ${process.pid}` });
    } catch (error) {
      this.#survive(() => {
        throw error;
      });
      return false;
    }
  }

  /** What a person writes may hold a secret: it is learnt, so that it is found wherever it turns up again. */
  #toSafe(text: string): string {
    const { guard } = this.#parts;
    guard.learn(text);
    return guard.redact(text.toWellFormed());
  }

  #audit(record: AuditRecord): void {
    this.#transcript.recordAudit(record);
    const { kind, severity, action, text } = record;
    this.#emit({ type: "audit", kind, severity, action, text });
  }

  #toGoalTracker(): GoalTracker | null {
    const { goal, runner, effects } = this.#parts;
    if (goal === null) return null;
    // One for the life of the session: it is achieved once.
    this.#goal ??= new GoalTracker({
      goal,
      runner,
      complete: (request) => this.completeDirectly(request),
      now: () => effects.now(),
      emit: (event) => this.#emit(event),
    });
    return this.#goal;
  }

  #setMode(mode: TrustMode): boolean {
    if (mode === this.mode) return false;
    if (mode === "auto" && this.enforcement !== "kernel") return false;
    this.#parts.trust.setMode(mode);
    this.#transcript.changeSession({ mode });
    this.#emit({ type: "mode-changed", mode });
    return true;
  }

  /** What the store refuses does not end a turn: the session goes on with what it has. */
  #survive(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#lose(toCoreError(error));
    }
  }

  /** Only what another process holds ends a turn: two writers would make two conversations. */
  #lose(error: CoreError): void {
    if (error.code === "lease_lost") {
      this.#turn?.stop(new TurnStop({ kind: "error", code: error.code, message: error.message }));
    }
    this.#losses.tell(error);
  }

  #emit(event: EngineEvent): void {
    this.#broadcast.emit(event);
    this.#live.push(event);
    this.#turn?.events.push(event);
  }
}

const toCoreError = (error: unknown): CoreError =>
  error instanceof CoreError ? error : new CoreError("store_failed", String(error), { cause: error });

/** It keeps no process alive that has nothing else to do. */
function schedule(delayMs: number, act: () => void): () => void {
  const timer = setTimeout(act, delayMs).unref();
  return () => clearTimeout(timer);
}

export interface TurnOptions {
  readonly signal?: AbortSignal | undefined;
  readonly inputId?: string | undefined;
}

interface RunningTurn {
  readonly id: string;
  readonly events: EventQueue;
  readonly stop: (reason?: Error) => void;
  readonly ended: Promise<void>;
}
