import type { KodaAgent } from "../agent/koda-agent.ts";
import { CoreError } from "../errors.ts";
import { Broadcast } from "../events/broadcast.ts";
import { Channel } from "../events/channel.ts";
import type { EngineCommand } from "../events/engine-command.ts";
import type { EngineEvent } from "../events/engine-event.ts";
import type { FileTracker } from "../files/file-tracker.ts";
import type { Effects } from "../ports/effects.ts";
import type { LlmProvider } from "../ports/llm-provider.ts";
import type { PathGuard } from "../ports/path-guard.ts";
import type { ProxyEndpoint } from "../ports/proxy-endpoint.ts";
import type { Enforcement, Runner } from "../ports/runner.ts";
import { PromptComposer } from "../prompt/prompt-composer.ts";
import { readProjectContext } from "../prompt/read-project-context.ts";
import type { ConnectionRecord } from "../store/connection-record.ts";
import type { ToolCatalog } from "../tools/catalog.ts";
import type { TrustMode } from "../trust/trust-mode.ts";
import { ModelHistory } from "../turn/model-history.ts";
import { runTurn } from "../turn/run-turn.ts";
import { TurnClock } from "../turn/turn-clock.ts";
import type { Approvals, TurnContext } from "../turn/turn-context.ts";
import { toEffectKey, toWaitKey } from "../turn/turn-keys.ts";
import type { SessionTrust } from "./session-trust.ts";
import { Stragglers } from "./stragglers.ts";
import { toTitle } from "./to-title.ts";
import type { Transcript } from "./transcript.ts";
import { type TranscriptLine, toTranscriptLines } from "./transcript-lines.ts";

/** What a session is made of. {@link openSession} puts it together. */
export interface SessionParts {
  readonly id: string;
  readonly agent: KodaAgent;
  readonly provider: LlmProvider;
  readonly runner: Runner;
  readonly pathGuard: PathGuard;
  readonly catalog: ToolCatalog;
  readonly files: FileTracker;
  readonly trust: SessionTrust;
  readonly effects: Effects;
  readonly approvals: Approvals;
  readonly maxSteps: number;
  readonly proxy: ProxyEndpoint | null;
  readonly socks5Proxy: ProxyEndpoint | null;
  readonly title: string | null;
  readonly isResumed: boolean;
  readonly openTranscript: (onLost: (error: CoreError) => void) => Transcript;
  /** Gives the lease back. */
  readonly release: () => void;
}

/** One conversation. At most one turn runs at a time; everything it says can be heard through `subscribe`. */
export class KodaSession implements AsyncDisposable {
  readonly id: string;
  readonly agent: KodaAgent;
  /** Null when the proxy could not start: commands then have no network through it. */
  readonly proxy: ProxyEndpoint | null;
  readonly socks5Proxy: ProxyEndpoint | null;
  readonly #parts: SessionParts;
  readonly #transcript: Transcript;
  readonly #history = new ModelHistory();
  readonly #composer: PromptComposer;
  readonly #broadcast = new Broadcast<EngineEvent>();
  readonly #stragglers = new Stragglers();
  #provider: LlmProvider;
  #title: string | null;
  #turnCount: number;
  #steering: string[] = [];
  #turn: RunningTurn | null = null;
  /** What was said of losses since the last prompt: each is told once. */
  readonly #toldLosses = new Set<string>();
  #closing: Promise<void> | null = null;

  constructor(parts: SessionParts) {
    this.id = parts.id;
    this.agent = parts.agent;
    this.proxy = parts.proxy;
    this.socks5Proxy = parts.socks5Proxy;
    this.#parts = parts;
    this.#provider = parts.provider;
    this.#title = parts.title;
    this.#composer = new PromptComposer(parts.agent.systemPrompt);
    this.#transcript = parts.openTranscript((error) => this.#warnOfLoss(error));
    this.#turnCount = this.#transcript.entries.filter(
      ({ content }) => content.kind === "user" && content.source === "prompt",
    ).length;
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

  /** From the first prompt; null before it. */
  get title(): string | null {
    return this.#title;
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
    };
  }

  /**
   * Runs one turn: `turn-start` first, `turn-end` last, exactly once each. Failure, abort and limits are outcomes of
   * the `turn-end`. Leaving the loop early cancels the turn and waits for its end.
   *
   * @throws {CoreError} `session_busy` at the first `next()` while another turn runs, or after disposal.
   */
  async *runTurn(
    prompt: string,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): AsyncGenerator<EngineEvent, void> {
    if (this.#closing !== null) throw new CoreError("session_busy", `session ${this.id} is closed`);
    if (this.#turn !== null) throw new CoreError("session_busy", `a turn of session ${this.id} is running`);
    const { promise: ended, resolve: setEnded } = Promise.withResolvers<void>();
    const controller = new AbortController();
    const stop = (): void => controller.abort(new DOMException("the turn was cancelled", "AbortError"));
    const events = new Channel<EngineEvent>();
    this.#turn = { events, stop, ended };
    try {
      const signal =
        options.signal === undefined ? controller.signal : AbortSignal.any([controller.signal, options.signal]);
      yield* runTurn(this.#toTurn(prompt.toWellFormed(), signal), { events, stop });
    } finally {
      this.#turn = null;
      this.#steering = []; // what no step has read is the client's to send again
      setEnded();
    }
  }

  /** False when the command had no effect: nothing waits for it, no turn runs, the mode is not to be had. */
  send(command: EngineCommand): boolean {
    switch (command.type) {
      case "approve":
      case "reject":
      case "grant-steps":
        return this.#parts.effects.resolve(toWaitKey(this.id, command.requestId), command);
      case "steer":
        if (this.#turn === null || command.text.trim() === "") return false;
        this.#steering.push(command.text.toWellFormed());
        return true;
      case "set-mode":
        return this.#setMode(command.mode);
      case "cancel":
        this.#turn?.stop();
        return this.#turn !== null;
      default:
        return command satisfies never;
    }
  }

  /** Hears every event, those between turns too, until the result is called. */
  subscribe(listener: (event: EngineEvent) => void): () => void {
    return this.#broadcast.subscribe(listener);
  }

  /** Takes a connection from a proxy of this session: it is stored, and told. */
  recordConnection(record: ConnectionRecord): void {
    this.#transcript.recordConnection(record);
    this.#emit(record);
  }

  /** The next turn uses `provider`; one that runs ends with the one it has. */
  updateProvider(provider: LlmProvider): void {
    this.#provider = provider;
    this.#transcript.changeSession({ providerId: provider.id, model: provider.model });
    this.#emit({ type: "model-changed", provider: provider.id, model: provider.model });
  }

  /** What was said so far, for showing a resumed session. */
  transcript(): readonly TranscriptLine[] {
    return toTranscriptLines(this.#transcript.entries, this.#transcript.calls);
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
    this.#parts.release();
  }

  #toTurn(prompt: string, signal: AbortSignal): TurnContext {
    const { agent, runner, pathGuard, effects, catalog, files, trust, approvals, maxSteps } = this.#parts;
    const emit = (event: EngineEvent): void => this.#emit(event);
    const turnId = effects.id();
    const turnNumber = this.#turnCount + 1;
    return {
      sessionId: this.id,
      turnId,
      turnNumber,
      prompt,
      projectRoot: agent.projectRoot,
      provider: this.#provider,
      runner,
      pathGuard,
      effects,
      catalog,
      files,
      transcript: this.#transcript,
      history: this.#history,
      trust: {
        mode: () => trust.mode(),
        rules: () => trust.rules(),
        allowAlways: (ruleText) => this.#survive(() => trust.allowAlways(ruleText)),
      },
      approvals,
      maxSteps,
      clock: new TurnClock(() => effects.now()),
      emit,
      signal,
      acceptPrompt: () => this.#acceptPrompt(turnId, prompt),
      composeSystemPrompt: async () => {
        const { projectRoot } = agent;
        const key = toEffectKey({ sessionId: this.id, turnNumber }, "project");
        const context = await effects.run(key, () =>
          readProjectContext({ projectRoot, pathGuard, nowMs: effects.now() }),
        );
        return this.#composer.compose(context);
      },
      takeSteering: () => this.#steering.splice(0),
      keepStraggler: (work) => this.#stragglers.add(work),
    };
  }

  /** Also takes up what other processes have settled for the project since the last turn. */
  #acceptPrompt(turnId: string, prompt: string): void {
    this.#toldLosses.clear();
    this.#turnCount += 1;
    this.#title ??= toTitle(prompt);
    this.#transcript.append(turnId, { kind: "user", source: "prompt", text: prompt });
    this.#transcript.changeSession({ title: this.#title, turnCount: this.#turnCount });
    this.#survive(() => this.#parts.trust.reload());
  }

  /** What the store refuses does not end a turn: the session goes on with what it has. */
  #survive(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#warnOfLoss(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #setMode(mode: TrustMode): boolean {
    if (mode === this.mode) return false;
    if (mode === "auto" && this.enforcement !== "kernel") return false;
    this.#parts.trust.setMode(mode);
    this.#transcript.changeSession({ mode });
    this.#emit({ type: "mode-changed", mode });
    return true;
  }

  #warnOfLoss(error: Error): void {
    const isRejected = error instanceof CoreError && error.code === "store_rejected";
    const key = isRejected ? error.message : "not being saved";
    if (this.#toldLosses.has(key)) return;
    this.#toldLosses.add(key);
    const message = isRejected
      ? `the session goes on and is saved, but without this: ${error.message}`
      : `the session goes on, but is not being saved: ${error.message}`;
    this.#emit({ type: "warning", code: "persistence_failed", message });
  }

  #emit(event: EngineEvent): void {
    this.#broadcast.emit(event);
    this.#turn?.events.push(event);
  }
}

interface RunningTurn {
  readonly events: Channel<EngineEvent>;
  readonly stop: () => void;
  readonly ended: Promise<void>;
}
