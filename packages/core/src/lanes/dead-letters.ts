import type { EngineEvent, LaneName } from "../events/engine-event.ts";

/** A call that was given up on: every attempt it had has failed. Its arguments are in the journal, under its id. */
export interface DeadLetter {
  readonly callId: string;
  readonly name: string;
  readonly lane: LaneName;
  /** What went wrong the last time. */
  readonly error: string;
  readonly attempts: number;
  readonly failedAtMs: number;
}

const maxLetters = 1000;
const maxErrorLength = 2000;

/** The calls that were given up on, the oldest first; at most 1,000, of which the oldest goes when another one comes. */
export class DeadLetters {
  readonly #letters = new Map<string, DeadLetter>();
  readonly #emit: (event: Extract<EngineEvent, { type: "dead-letter" }>) => void;

  /** `emit` is told of each letter. */
  constructor(emit: (event: Extract<EngineEvent, { type: "dead-letter" }>) => void) {
    this.#emit = emit;
  }

  /** A call that fails again takes the place of its earlier letter. */
  add(letter: DeadLetter): void {
    const error = letter.error.slice(0, maxErrorLength);
    this.#letters.delete(letter.callId);
    this.#letters.set(letter.callId, { ...letter, error });
    const [oldest] = this.#letters.keys();
    if (this.#letters.size > maxLetters && oldest !== undefined) this.#letters.delete(oldest);
    this.#emit({ type: "dead-letter", callId: letter.callId, name: letter.name, attempts: letter.attempts, error });
  }

  list(): readonly DeadLetter[] {
    return [...this.#letters.values()];
  }

  /** Takes a letter out of the list, for whoever submits its call again. Null when it is not there. */
  replay(callId: string): DeadLetter | null {
    const letter = this.#letters.get(callId) ?? null;
    this.#letters.delete(callId);
    return letter;
  }
}
