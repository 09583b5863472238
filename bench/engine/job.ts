import type { CountedErrors } from "../table.ts";
import type { Length } from "./lengths.ts";

/** What a worker does: one peer, one kind of work, in a fresh process. Sent to it as JSON. */
export interface Job {
  /** What its figures are called in the row. */
  readonly name: string;
  readonly work: Work;
}

export type Work =
  /** Turns with `calls` calls each, in sessions of `length`; null: in new ones, which every peer can. */
  | { readonly kind: "turns"; readonly length: Length | null; readonly calls: number; readonly turns: number }
  /** Entries appended to the store, one by one. */
  | { readonly kind: "append"; readonly length: Length; readonly entries: number }
  /** A session opened to go on with, and its next turn; `times` times, of which the first is that of a fresh process. */
  | { readonly kind: "resume"; readonly length: Length; readonly times: number }
  /** Sessions that have had one turn, and wait. */
  | { readonly kind: "idle"; readonly sessions: number }
  /** One answer of `deltas` deltas, read by the loop of its turn and by another reader. */
  | { readonly kind: "stream"; readonly deltas: number; readonly reader: Reader };

/** `listener`: is called for each event. `slow`: a loop that takes 10 ms for each. */
export type Reader = "none" | "listener" | "slow";

export interface Task {
  readonly peer: string;
  readonly work: Work;
  /** Holds the database, and is gone afterwards. */
  readonly directory: string;
  /** A copy of the prepared database for this worker alone; null where there is none. */
  readonly database: string | null;
}

/** Series of figures by name, in the order they were measured: times in ms, sizes in bytes. */
export type Report = Readonly<Record<string, readonly number[]>>;

/** The reports of the jobs of one row, by name. */
export interface Cell extends CountedErrors {
  readonly reports: Readonly<Record<string, Report>>;
}
