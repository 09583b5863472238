import { type ContextReading, regrowth } from "./context-meter.ts";

const maxFailures = 3;

/**
 * Stops a session from asking for a summary at every step when it never gets one: after three failures in a row it waits
 * until the context has grown by another 5 % of the window, and so again after each further one.
 */
export class ShrinkBreaker {
  #failures = 0;
  #retryAtTokens = 0;

  isOpen({ usedTokens }: ContextReading): boolean {
    return this.#failures >= maxFailures && usedTokens < this.#retryAtTokens;
  }

  noteFailure({ usedTokens, maxTokens }: ContextReading): void {
    this.#failures += 1;
    this.#retryAtTokens = usedTokens + maxTokens * regrowth;
  }

  noteSuccess(): void {
    this.#failures = 0;
  }
}
