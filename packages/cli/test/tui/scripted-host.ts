import type { EngineCommand, EngineEvent, TrustMode } from "@koda/core";
import type { QueuedInput, TuiHost, TuiSession } from "../../src/tui/tui-host.ts";

/** Plays the events of one turn; `send` gives those that follow a command. */
export interface Script {
  readonly turn: (prompt: string, signal: AbortSignal) => AsyncIterable<EngineEvent>;
  /** The prompt of a turn that an earlier process left. */
  readonly unfinished?: string;
  readonly waiting?: readonly QueuedInput[];
  /** The prompt that is unsaid. */
  readonly rewind?: () => string | null;
  readonly compact?: (signal: AbortSignal) => Promise<string | null>;
  readonly models?: () => Promise<readonly string[]>;
}

/** A host without an engine, which keeps what it was told. */
export class ScriptedHost implements TuiHost {
  readonly commands: EngineCommand[] = [];
  readonly prompts: string[] = [];
  isContinuing = false;
  readonly #script: Script;
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  #id = "s1";
  #mode: TrustMode = "safe";
  #model = "m1";

  constructor(script: Script) {
    this.#script = script;
  }

  get session(): TuiSession {
    return {
      id: this.#id,
      mode: this.#mode,
      model: this.#model,
      enforcement: "kernel",
      projectRoot: "/p",
      runTurn: (prompt, { signal, inputId }) =>
        this.#play(inputId === undefined ? prompt : `${inputId}: ${prompt}`, signal),
      continueTurn: ({ signal }) => this.#play("(continued)", signal),
      unfinished: this.prompts.length === 0 ? (this.#script.unfinished ?? null) : null,
      waitingInputs: () => (this.prompts.length === 0 ? (this.#script.waiting ?? []) : []),
      send: (command) => this.#take(command),
      subscribe: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
      rewind: () => this.#script.rewind?.() ?? null,
      compact: ({ signal }) => this.#script.compact?.(signal) ?? Promise.resolve(null),
      transcript: () => [],
    };
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  connectionsRefused = (): number => 2;

  listSessions(): ReturnType<TuiHost["listSessions"]> {
    return [{ id: "s2", title: "another", updatedAtMs: 0 }];
  }

  async openSession(id: string): Promise<TuiSession> {
    if (id !== "s2") throw new Error(`no session ${id}`);
    this.#id = id;
    return this.session;
  }

  async switchModel(model: string): Promise<void> {
    if (model === "bad") throw new Error("no such model");
    this.#model = model;
  }

  models(): Promise<readonly string[]> {
    return this.#script.models?.() ?? Promise.resolve([]);
  }

  async *#play(prompt: string, signal: AbortSignal): AsyncIterable<EngineEvent> {
    this.prompts.push(prompt);
    for await (const event of this.#script.turn(prompt, signal)) {
      this.#emit(event);
      yield event;
    }
  }

  #take(command: EngineCommand): boolean {
    this.commands.push(command);
    if (command.type === "set-mode") {
      this.#mode = command.mode;
      this.#emit({ type: "mode-changed", mode: command.mode });
    }
    return true;
  }

  #emit(event: EngineEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
