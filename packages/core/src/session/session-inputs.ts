import { CoreError } from "../errors.ts";
import type { InputRecord, InputStore } from "../store/input-store.ts";

/** One thing that was said to a session and waits. */
export type WaitingInput = Pick<InputRecord, "id" | "text" | "boundary">;

/**
 * What is said to a session while it works, by this process or another; each is taken once. While the store fails, what
 * this process says waits in memory instead.
 */
export class SessionInputs {
  readonly #sessionId: string;
  readonly #store: InputStore;
  readonly #now: () => number;
  readonly #onLost: (error: CoreError) => void;
  readonly #unstored: WaitingInput[] = [];
  /** Taken, but perhaps not yet marked so by a store that fails. */
  readonly #taken = new Set<string>();

  constructor(options: {
    readonly sessionId: string;
    readonly store: InputStore;
    readonly now: () => number;
    readonly onLost: (error: CoreError) => void;
  }) {
    this.#sessionId = options.sessionId;
    this.#store = options.store;
    this.#now = options.now;
    this.#onLost = options.onLost;
  }

  /** False when `id` was used for another text, or was said before. */
  add(input: WaitingInput): boolean {
    try {
      const createdAtMs = this.#now();
      return this.#store.addInput({ ...input, sessionId: this.#sessionId, createdAtMs }) === "added";
    } catch (error) {
      if (!(error instanceof CoreError) || error.code === "store_rejected") return false;
      this.#onLost(error);
      if (this.#unstored.some(({ id }) => id === input.id)) return false;
      this.#unstored.push(input);
      return true;
    }
  }

  /** In the order they came. */
  waiting(): readonly WaitingInput[] {
    try {
      const stored = this.#store.waitingInputs(this.#sessionId).filter(({ id }) => !this.#taken.has(id));
      return [...stored, ...this.#unstored];
    } catch (error) {
      if (error instanceof CoreError) this.#onLost(error);
      return [...this.#unstored];
    }
  }

  /** Whether the store knows it, so that its entry can mark it as accepted. Nobody else takes it from now on. */
  take(input: WaitingInput): boolean {
    const index = this.#unstored.findIndex(({ id }) => id === input.id);
    if (index >= 0) this.#unstored.splice(index, 1);
    this.#taken.add(input.id);
    return index < 0;
  }

  withdraw(id: string): boolean {
    const index = this.#unstored.findIndex((input) => input.id === id);
    if (index >= 0) return this.#unstored.splice(index, 1).length > 0;
    try {
      return !this.#taken.has(id) && this.#store.withdrawInput(this.#sessionId, id);
    } catch (error) {
      if (error instanceof CoreError) this.#onLost(error);
      return false;
    }
  }
}
