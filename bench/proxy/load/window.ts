import { percentile } from "../../statistics.ts";
import type { Job, LoadResult } from "../job.ts";

/** What happened in one measurement. The loads count into it; outside the window only errors count. */
export class Window {
  #isOpen = false;
  #beganMs = 0;
  #endedMs = 0;
  #operations = 0;
  #bytes = 0;
  #errors = 0;
  #firstError: string | null = null;
  readonly #latenciesUs: number[] = [];

  get isOpen(): boolean {
    return this.#isOpen;
  }

  begin(): void {
    this.#beganMs = performance.now();
    this.#isOpen = true;
  }

  end(): void {
    this.#endedMs = performance.now();
    this.#isOpen = false;
  }

  /** One operation that began at `startedMs` is done. */
  count(startedMs: number): void {
    if (!this.#isOpen) return;
    this.#operations += 1;
    this.#latenciesUs.push((performance.now() - startedMs) * 1_000);
  }

  countBytes(bytes: number): void {
    if (this.#isOpen) this.#bytes += bytes;
  }

  fail(why: string): void {
    this.#errors += 1;
    this.#firstError ??= why;
  }

  toResult(): LoadResult {
    const sorted = Float64Array.from(this.#latenciesUs).sort();
    return {
      seconds: (this.#endedMs - this.#beganMs) / 1_000,
      operations: this.#operations,
      bytes: this.#bytes,
      p50Us: percentile(sorted, 0.5),
      p99Us: percentile(sorted, 0.99),
      errors: this.#errors,
      firstError: this.#firstError,
    };
  }
}

/** A load that runs until it is told to stop. */
export interface RunningLoad {
  /** What must be done before the window begins; and in it. Absent: time passes. */
  warm?(): Promise<void>;
  during?(): Promise<void>;
  /** Called at the end of the window: nothing new begins. Resolves when what was under way is done. */
  stop(): Promise<void>;
  /** Gives up on what is still under way: called when {@link stop} takes too long. Tells how much that was. */
  abandon(): number;
}

export type StartLoad = (job: Job, window: Window) => RunningLoad;
