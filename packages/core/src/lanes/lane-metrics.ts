import type { LaneName } from "../events/engine-event.ts";
import { type LatencyPercentiles, LatencyWindow } from "./latency-window.ts";

/** What a lane has done since it was made. Whatever was submitted is completed, failed, cancelled, waiting or running. */
export interface LaneCounts {
  readonly submitted: number;
  readonly completed: number;
  readonly failed: number;
  /** Aborted before or while it ran, or still waiting when the queue was stopped. */
  readonly cancelled: number;
  /** Waiting now. */
  readonly depth: number;
  /** Running now. */
  readonly active: number;
  /** From submission to end, over the last 1,024 that were completed or failed. Null before the first. */
  readonly latencyMs: LatencyPercentiles | null;
}

export type LaneMetricsSnapshot = Readonly<Record<LaneName, LaneCounts>>;

/** Counts for each lane what becomes of its work. */
export class LaneMetrics {
  readonly #lanes: Readonly<Record<LaneName, Tally>> = {
    control: createTally(),
    query: createTally(),
    execute: createTally(),
    generate: createTally(),
  };

  submit(lane: LaneName): void {
    this.#lanes[lane].submitted += 1;
  }

  end(lane: LaneName, outcome: "completed" | "failed" | "cancelled", latencyMs: number): void {
    const tally = this.#lanes[lane];
    tally[outcome] += 1;
    if (outcome !== "cancelled") tally.latencies.add(latencyMs);
  }

  /** With what waits and runs at this moment, which the caller knows. */
  read(gauge: (lane: LaneName) => { readonly depth: number; readonly active: number }): LaneMetricsSnapshot {
    const counts = (lane: LaneName): LaneCounts => {
      const { latencies, ...tally } = this.#lanes[lane];
      return { ...tally, ...gauge(lane), latencyMs: latencies.read() };
    };
    return {
      control: counts("control"),
      query: counts("query"),
      execute: counts("execute"),
      generate: counts("generate"),
    };
  }
}

interface Tally {
  submitted: number;
  completed: number;
  failed: number;
  cancelled: number;
  readonly latencies: LatencyWindow;
}

const createTally = (): Tally => ({
  submitted: 0,
  completed: 0,
  failed: 0,
  cancelled: 0,
  latencies: new LatencyWindow(),
});
