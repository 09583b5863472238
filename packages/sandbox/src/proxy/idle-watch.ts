/** Something that ends when nothing moves in it for too long. */
export interface Watched {
  /** A number that is another one whenever a byte has moved. */
  activity(): number;
  endIdle(): void;
}

/**
 * Ends what has been idle for a time: after that, and at most a quarter of it later. One timer for all, which looks at
 * their counters, so that a byte costs nothing.
 */
export class IdleWatch {
  readonly #limitMs: number;
  readonly #lastSeen = new Map<Watched, { activity: number; sinceMs: number }>();
  #timer: NodeJS.Timeout | undefined;

  /** 0 is never. */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  add(watched: Watched): void {
    if (this.#limitMs === 0) return;
    this.#lastSeen.set(watched, { activity: watched.activity(), sinceMs: performance.now() });
    const intervalMs = Math.min(maxIntervalMs, this.#limitMs / 4);
    this.#timer ??= setInterval(() => this.#look(), intervalMs).unref();
  }

  remove(watched: Watched): void {
    this.#lastSeen.delete(watched);
    if (this.#lastSeen.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const nowMs = performance.now();
    for (const [watched, seen] of this.#lastSeen) {
      const activity = watched.activity();
      if (activity !== seen.activity) {
        seen.activity = activity;
        seen.sinceMs = nowMs;
      } else if (nowMs - seen.sinceMs >= this.#limitMs) {
        watched.endIdle();
      }
    }
  }
}

const maxIntervalMs = 5_000;
