import type { EngineEvent } from "@koda/core";
import { formatAge } from "./format.ts";
import type { Key } from "./key.ts";
import { reduce, type TuiAction } from "./state.ts";
import type { TuiEffect } from "./step.ts";
import type { TuiHost, TuiSession } from "./tui-host.ts";
import { initialState, type Opening, type SessionFacts, type ViewState } from "./view-state.ts";

export interface TuiControllerOptions {
  readonly host: TuiHost;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** A fresh id. */
  readonly id: () => string;
  /** Called once when the person leaves. */
  readonly onExit: () => void;
}

/**
 * Joins the screen's state to a session: events and keys go in, effects are carried out, and views are told of changes.
 * Disposing stops a running turn and waits until it is over.
 */
export class TuiController implements AsyncDisposable {
  readonly #options: TuiControllerOptions;
  readonly #listeners = new Set<() => void>();
  #state: ViewState;
  /** What views see: follows `#state` at once after a key, and within a frame after events. */
  #shown: ViewState;
  #unsubscribe: () => void = () => undefined;
  #frame: NodeJS.Timeout | null = null;
  #turn: { readonly abort: AbortController; readonly done: Promise<void> } | null = null;
  #task: Promise<void> = Promise.resolve();
  readonly #leaving = new AbortController();
  #isCountStale = true;
  #isLeaving = false;

  constructor(options: TuiControllerOptions) {
    const { session, notices = [], isContinuing = false } = options.host;
    this.#options = options;
    this.#state = initialState(toOpening(session), options.id());
    this.#shown = this.#state;
    this.#listen(session);
    for (const text of notices) this.#dispatch({ type: "note", level: "warning", text });
    if (isContinuing) this.#dispatch({ type: "go-on", atMs: options.now() });
    this.#show();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getState = (): ViewState => this.#shown;

  press(key: Key): void {
    this.#dispatch({ type: "key", key, atMs: this.#options.now() });
    this.#show();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isLeaving = true;
    this.#turn?.abort.abort();
    this.#leaving.abort();
    await this.#turn?.done;
    await this.#task;
    this.#unsubscribe();
    if (this.#frame !== null) clearTimeout(this.#frame);
    this.#listeners.clear();
  }

  #dispatch(action: TuiAction): void {
    const { state, effects } = reduce(this.#state, action);
    this.#state = state;
    for (const effect of effects) this.#carryOut(effect);
    this.#frame ??= setTimeout(() => this.#show(), frameMs);
  }

  #show(): void {
    if (this.#isCountStale) {
      this.#isCountStale = false;
      this.#dispatch({ type: "connections-counted", refused: this.#options.host.connectionsRefused() });
    }
    if (this.#frame !== null) clearTimeout(this.#frame);
    this.#frame = null;
    this.#shown = this.#state;
    for (const listener of this.#listeners) listener();
  }

  #carryOut(effect: TuiEffect): void {
    const { host } = this.#options;
    switch (effect.type) {
      case "run-turn":
        this.#run((signal) => {
          const { prompt, inputId } = effect;
          return host.session.runTurn(prompt, inputId === null ? { signal } : { signal, inputId });
        });
        return;
      case "continue-turn":
        this.#run((signal) => host.session.continueTurn({ signal }));
        return;
      case "stop-turn":
        this.#turn?.abort.abort();
        return;
      case "send":
        host.session.send(effect.command);
        this.#dispatch({ type: "session-changed", session: toFacts(host.session) });
        return;
      case "list-sessions":
        this.#pickSession();
        return;
      case "open-session":
        this.#start(() => this.#openSession(effect.id));
        return;
      case "list-models":
        this.#start(() => this.#pickModel());
        return;
      case "switch-model":
        this.#start(() => this.#switchModel(effect.model));
        return;
      case "rewind":
        this.#start(async () => this.#dispatch({ type: "rewound", prompt: host.session.rewind() }));
        return;
      case "compact":
        this.#start(() => this.#compact());
        return;
      case "exit":
        if (!this.#isLeaving) this.#options.onExit();
        this.#isLeaving = true;
        return;
      default:
        effect satisfies never;
    }
  }

  #listen(session: TuiSession): void {
    this.#unsubscribe();
    this.#unsubscribe = session.subscribe((event) => {
      this.#dispatch({ type: "event", event, atMs: this.#options.now() });
      if (event.type === "connection") this.#isCountStale = true;
    });
  }

  #run(start: (signal: AbortSignal) => AsyncIterable<EngineEvent>): void {
    const abort = new AbortController();
    this.#turn = { abort, done: this.#drain(start, abort.signal) };
  }

  /** Events arrive through `subscribe`; iterating is what makes the turn go on. */
  async #drain(start: (signal: AbortSignal) => AsyncIterable<EngineEvent>, signal: AbortSignal): Promise<void> {
    let failure: string | null = null;
    try {
      const events = start(signal)[Symbol.asyncIterator]();
      let next = await events.next();
      while (next.done !== true) next = await events.next();
    } catch (error) {
      failure = signal.aborted ? null : toMessage(error);
    }
    this.#turn = null;
    if (this.#isLeaving) return;
    const { unfinished } = this.#options.host.session;
    this.#dispatch({ type: "turn-settled", failure, unfinished, atMs: this.#options.now() });
  }

  /** One task at a time, in order; what it throws is for the user to read. */
  #start(task: () => Promise<void>): void {
    this.#task = this.#task
      .then(task)
      .catch((error: unknown) => this.#dispatch({ type: "note", level: "error", text: toMessage(error) }))
      .finally(() => this.#dispatch({ type: "task-settled" }));
  }

  #pickSession(): void {
    const now = this.#options.now();
    const choices = this.#options.host.listSessions().map(({ id, title, updatedAtMs }) => ({
      value: id,
      label: `${id.slice(0, 13)}  ${title ?? "(no prompt yet)"}  ${formatAge(updatedAtMs, now)}`,
    }));
    if (choices.length === 0) {
      this.#dispatch({ type: "note", level: "info", text: "No sessions in this project yet." });
      return;
    }
    const current = choices.findIndex(({ value }) => value === this.#options.host.session.id);
    this.#dispatch({ type: "picker", picker: { purpose: "session", choices, index: Math.max(0, current) } });
  }

  async #openSession(id: string): Promise<void> {
    const session = await this.#options.host.openSession(id);
    this.#listen(session);
    this.#dispatch({ type: "session-opened", ...toOpening(session) });
    this.#isCountStale = true;
  }

  async #compact(): Promise<void> {
    const why = await this.#options.host.session.compact({ signal: this.#leaving.signal });
    if (why !== null) this.#dispatch({ type: "note", level: "info", text: `Nothing is summarised: ${why}.` });
  }

  async #pickModel(): Promise<void> {
    const { host } = this.#options;
    const names = await host.models().catch((error: unknown) => {
      throw new Error(`${toMessage(error)}\nThe provider does not list its models; /model NAME changes to one.`, {
        cause: error,
      });
    });
    const choices = names.map((name) => ({ value: name, label: name }));
    if (choices.length === 0) {
      this.#dispatch({
        type: "note",
        level: "info",
        text: "The provider lists no models; /model NAME changes to one.",
      });
      return;
    }
    const index = Math.max(0, names.indexOf(host.session.model));
    this.#dispatch({ type: "picker", picker: { purpose: "model", choices, index } });
  }

  async #switchModel(model: string): Promise<void> {
    const { host } = this.#options;
    await host.switchModel(model);
    this.#dispatch({ type: "session-changed", session: toFacts(host.session) });
    this.#dispatch({ type: "note", level: "info", text: `Model: ${host.session.model}` });
  }
}

function toOpening(session: TuiSession): Opening {
  return {
    session: toFacts(session),
    transcript: session.transcript(),
    unfinished: session.unfinished,
    waiting: session.waitingInputs(),
  };
}

function toFacts({ id, mode, model, enforcement, projectRoot }: TuiSession): SessionFacts {
  return { id, mode, model, enforcement, projectRoot };
}

function toMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Events are shown together once a frame; 30 frames a second look continuous. */
const frameMs = 33;
