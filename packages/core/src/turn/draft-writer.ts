import type { Effects } from "../ports/effects.ts";

const maxDelayMs = 500;

/** Writes at most every half second while there is something new, however fast the deltas come. */
export class DraftWriter implements AsyncDisposable {
  readonly #effects: Effects;
  readonly #key: string;
  readonly #write: () => void;
  readonly #stop = new AbortController();
  #pending: Promise<void> | null = null;

  constructor(effects: Effects, key: string, write: () => void) {
    this.#effects = effects;
    this.#key = key;
    this.#write = write;
  }

  /** Says that there is something new. */
  touch(): void {
    this.#pending ??= this.#writeSoon();
  }

  /** Nothing is written any more once this has resolved. */
  async [Symbol.asyncDispose](): Promise<void> {
    // With a reason, or an exception would be made that nobody reads: its stack is not free.
    this.#stop.abort("the answer is over");
    await this.#pending;
  }

  async #writeSoon(): Promise<void> {
    try {
      await this.#effects.sleep(`${this.#key}/draft`, maxDelayMs, { signal: this.#stop.signal });
    } catch {
      // Stopped: whoever stops it records the answer itself.
      return;
    }
    this.#pending = null;
    this.#write();
  }
}
