import type { CountedErrors } from "../table.ts";

/** What a worker does: one peer, one row, one round. Sent to it as JSON. */
export interface Job {
  readonly peer: string;
  readonly place: Place;
  /** Run and not counted. */
  readonly warmUp: number;
  /** `size` commands are started at once and awaited, `times` times. Empty: the peer is only opened. */
  readonly batches: readonly Batch[];
}

export interface Batch {
  readonly size: number;
  readonly times: number;
}

/** Throw-away directories with real paths, none of them below another or below `/tmp`. */
export interface Place {
  /** The only one that a confined command may write. */
  readonly project: string;
  /** Holds what a user's home holds, secrets too. */
  readonly home: string;
  /** For files of the peer's own: filters, settings. */
  readonly scratch: string;
}

/** What one worker measured. */
export interface WorkerReport {
  /** Loading the peer's package. */
  readonly loadMs: number;
  /** Opening it, loaded. */
  readonly openMs: number;
  /** Of whole batches, by their size. */
  readonly batchMs: Readonly<Record<number, readonly number[]>>;
  /** Of the worker, which called the peer: its largest resident set. */
  readonly peakMemoryBytes: number;
}

/** What one row of one peer gave in one round: the reports of its workers. */
export interface Cell extends CountedErrors {
  readonly reports: readonly WorkerReport[];
}
