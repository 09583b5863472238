/** Work that was told to stop and may take a while. Its outcome no longer matters, its end does. */
export class Stragglers {
  readonly #running = new Set<Promise<unknown>>();

  add(work: Promise<unknown>): void {
    const watched = work
      .catch(() => null)
      .finally(() => {
        this.#running.delete(watched);
      });
    this.#running.add(watched);
  }

  /** Resolves when all have ended, or after `timeoutMs`: work that never ends must not hold up its owner for ever. */
  async settle(timeoutMs: number): Promise<void> {
    if (this.#running.size === 0) return;
    const { promise: tooLate, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    try {
      await Promise.race([Promise.allSettled(this.#running), tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }
}
