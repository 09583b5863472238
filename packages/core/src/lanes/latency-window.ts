/** Milliseconds below which half, 95 and 99 of a hundred samples lie. */
export interface LatencyPercentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Enough for a stable p99, and 8 KiB at most. */
const maxSamples = 1024;

/** The last samples of something that takes time; older ones are forgotten. */
export class LatencyWindow {
  readonly #samples: number[] = [];
  #next = 0;

  add(sampleMs: number): void {
    this.#samples[this.#next] = sampleMs;
    this.#next = (this.#next + 1) % maxSamples;
  }

  /** By nearest rank, so each is a sample that was taken. Null without samples. */
  read(): LatencyPercentiles | null {
    const sorted = this.#samples.toSorted((first, second) => first - second);
    const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
    return sorted.length === 0 ? null : { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
  }
}
