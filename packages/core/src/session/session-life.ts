import { CoreError } from "../errors.ts";
import type { SessionRecord, SessionState } from "../store/session-record.ts";

interface StateChange {
  readonly state: Exclude<SessionState, "unknown">;
  readonly stateReason: SessionRecord["stateReason"];
}

/**
 * ```
 *             pause ──► paused
 *   active ◄── resume ────┘
 *     ▲ └── complete, fail ──► completed, error      (from any state)
 *     └────────── reopen ────────────┘
 * ```
 * What does not fit the state changes nothing.
 */
export class SessionLife {
  #state: SessionState;
  #reason: SessionRecord["stateReason"];
  readonly #onChange: (change: StateChange) => void;

  constructor(record: Pick<SessionRecord, "state" | "stateReason">, onChange: (change: StateChange) => void) {
    this.#state = record.state;
    this.#reason = record.stateReason;
    this.#onChange = onChange;
  }

  get state(): SessionState {
    return this.#state;
  }

  pause(): boolean {
    return this.#state === "active" && this.#change("paused", null);
  }

  resume(): boolean {
    return this.#state === "paused" && this.#change("active", null);
  }

  reopen(): boolean {
    return (this.#state === "completed" || this.#state === "error") && this.#change("active", null);
  }

  complete(): void {
    if (this.#state !== "completed") this.#change("completed", null);
  }

  fail(reason: { readonly code: string; readonly text: string }): void {
    this.#change("error", reason);
  }

  /** @throws {CoreError} `session_paused`, `session_ended`, saying how it takes prompts again. */
  checkTakesPrompts(id: string): void {
    switch (this.#state) {
      case "active":
        return;
      case "paused":
        throw new CoreError("session_paused", `session ${id} is paused: resume it before you prompt it`);
      case "completed":
        throw new CoreError("session_ended", `session ${id} is completed: reopen it, or fork it, to go on`);
      case "error":
        throw new CoreError(
          "session_ended",
          `session ${id} has failed (${this.#reason?.code ?? "unknown"}: ${this.#reason?.text ?? ""}): reopen it to go on`,
        );
      case "unknown":
        throw new CoreError("session_ended", `the state of session ${id} cannot be understood: it can only be read`);
      default:
        this.#state satisfies never;
    }
  }

  #change(state: StateChange["state"], stateReason: SessionRecord["stateReason"]): true {
    this.#state = state;
    this.#reason = stateReason;
    this.#onChange({ state, stateReason });
    return true;
  }
}
