import { median, percentile } from "../statistics.ts";
import type { Line, MeasuredRow } from "../table.ts";
import type { Batch, Cell, WorkerReport } from "./job.ts";
import type { Work } from "./peers.ts";

export interface Row extends MeasuredRow<Cell> {
  readonly work: Work;
  readonly tree: Tree;
  /** Fresh processes for one measurement. */
  readonly processes: number;
  readonly warmUp: number;
  readonly batches: readonly Batch[];
}

/** A project with a handful of files, or one with 20,000. */
export type Tree = "small" | "large";

const single = (times: number): readonly Batch[] => [{ size: 1, times }];

/** In the order of the table. */
export const ROWS: readonly Row[] = [
  {
    id: "warm-small",
    work: "command",
    tree: "small",
    processes: 1,
    warmUp: 20,
    batches: single(100),
    lines: [
      time("one command p50, ms", median),
      time("one command p99, ms", p99),
      less("peak memory of the caller, MiB", ({ reports }) => median(reports.map(toPeakMib))),
    ],
  },
  {
    id: "warm-large",
    work: "command",
    tree: "large",
    processes: 1,
    warmUp: 20,
    batches: single(100),
    lines: [
      time("one command p50, ms, tree of 20,000 files", median),
      time("one command p99, ms, tree of 20,000 files", p99),
    ],
  },
  {
    id: "together",
    work: "command",
    tree: "small",
    processes: 1,
    warmUp: 20,
    batches: [...single(20), { size: 2, times: 20 }, { size: 32, times: 3 }],
    lines: [
      less("2 commands at once, ms", (cell) => median(timesOf(cell, 2))),
      less("32 commands at once, ms", (cell) => median(timesOf(cell, 32))),
      more(
        "32 at once, times quicker than 2 and 2",
        (cell) => (16 * median(timesOf(cell, 2))) / median(timesOf(cell, 32)),
      ),
      more(
        "32 at once, times quicker than 1 by 1",
        (cell) => (32 * median(timesOf(cell, 1))) / median(timesOf(cell, 32)),
      ),
    ],
  },
  {
    id: "program",
    work: "program",
    tree: "small",
    processes: 1,
    warmUp: 2,
    batches: single(10),
    lines: [time("the program for one command p50, ms", median)],
  },
  {
    id: "open",
    work: "open",
    tree: "small",
    processes: 7,
    warmUp: 0,
    batches: [],
    lines: [
      less("opening p50, ms, in a fresh process", ({ reports }) => median(reports.map(({ openMs }) => openMs))),
      less("loading and opening p50, ms, in a fresh process", ({ reports }) =>
        median(reports.map(({ loadMs, openMs }) => loadMs + openMs)),
      ),
    ],
  },
];

function time(title: string, summarise: (times: readonly number[]) => number | null): Line<Cell> {
  return less(title, (cell) => summarise(timesOf(cell, 1)));
}

function less(title: string, value: Line<Cell>["value"]): Line<Cell> {
  return { title, isMoreBetter: false, value };
}

function more(title: string, value: Line<Cell>["value"]): Line<Cell> {
  return { title, isMoreBetter: true, value };
}

function timesOf({ reports }: Cell, size: number): readonly number[] {
  return reports.flatMap(({ batchMs }) => batchMs[size] ?? []);
}

function p99(times: readonly number[]): number | null {
  return percentile(
    times.toSorted((left, right) => left - right),
    0.99,
  );
}

function toPeakMib({ peakMemoryBytes }: WorkerReport): number {
  return peakMemoryBytes / 1024 ** 2;
}
