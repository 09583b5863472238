import { median, percentile } from "../statistics.ts";
import type { Line, MeasuredRow } from "../table.ts";
import type { Cell, Job, Reader } from "./job.ts";
import { LENGTHS, type Length } from "./lengths.ts";

export interface Row extends MeasuredRow<Cell> {
  readonly jobs: readonly Job[];
  /** `all`: every peer. `koda`: Koda with both stores. `disk`: with the database alone. */
  readonly peers: "all" | "koda" | "disk";
}

const TURNS = 200;
const MANY_CALLS = 11;
const SESSIONS = [1, 10, 100, 1_000];
const READERS: readonly Reader[] = ["none", "listener", "slow"];
const DELTAS = 100_000;
const READER_TITLES: Readonly<Record<Reader, string>> = {
  none: "its loop alone reads",
  listener: "and a listener",
  slow: "and a reader that takes 10 ms for each",
};

const turns = (name: string, length: Length | null, calls: number): Job => ({
  name,
  work: { kind: "turns", length, calls, turns: TURNS },
});

/** In the order of the table. */
export const ROWS: readonly Row[] = createRows(LENGTHS);

/** The rows with sessions of these lengths alone. */
export function createRows(lengths: readonly Length[]): readonly Row[] {
  return [
    {
      id: "turn",
      peers: "all",
      jobs: [turns("one", null, 1)],
      lines: [
        less("a turn with one call p50, ms", (cell) => middle(cell, "one", "turn")),
        less("a turn with one call p95, ms", (cell) => p95(cell, "one", "turn")),
        less("its CPU time, ms", (cell) => middle(cell, "one", "cpu")),
        less("of it the engine's own by its clock, mean, ms", (cell) => mean(cell, "one", "own")),
        more("events per second in such turns", (cell) => {
          const [events, ms] = [mean(cell, "one", "events"), mean(cell, "one", "turn")];
          return events === null || ms === null || events === 0 ? null : (events / ms) * 1_000;
        }),
      ],
    },
    {
      id: "calls",
      peers: "all",
      jobs: [turns("one", null, 1), turns("many", null, MANY_CALLS)],
      lines: [
        less(`one more call in a turn, ms (of ${MANY_CALLS})`, (cell) => {
          const [one, many] = [middle(cell, "one", "turn"), middle(cell, "many", "turn")];
          return one === null || many === null ? null : (many - one) / (MANY_CALLS - 1);
        }),
      ],
    },
    {
      id: "length",
      peers: "koda",
      jobs: lengths.map((length) => turns(length.id, length, 1)),
      lines: [
        ...lengths.map(({ id, title }) =>
          less(`a turn in a session of ${title} entries p50, ms`, (cell) => middle(cell, id, "turn")),
        ),
        ...lengths.map(({ id, title }) =>
          less(`its CPU time at ${title} entries, ms`, (cell) => middle(cell, id, "cpu")),
        ),
        less("a turn, 100,000 entries ÷ 10", (cell) => ratio(cell, "turn")),
        less("its CPU time, 100,000 entries ÷ 10", (cell) => ratio(cell, "cpu")),
      ],
    },
    {
      id: "append",
      peers: "koda",
      jobs: lengths.map((length) => ({ name: length.id, work: { kind: "append", length, entries: 2_000 } })),
      lines: [
        ...lengths.map(({ id, title }) =>
          less(`an append to ${title} entries p50, µs`, (cell) => times(middle(cell, id, "append"), 1_000)),
        ),
        less("an append, 100,000 entries ÷ 10", (cell) => ratio(cell, "append")),
      ],
    },
    {
      id: "resume",
      peers: "disk",
      jobs: lengths.map((length) => ({ name: length.id, work: { kind: "resume", length, times: 10 } })),
      lines: lengths.flatMap(({ id, title }) => [
        less(`opening ${title} entries in a fresh process, ms`, (cell) => first(cell, id, "open")),
        less("its next turn, ms", (cell) => first(cell, id, "turn")),
        less(`opening ${title} entries again, ms`, (cell) => middle(cell, id, "open")),
        less("its next turn, ms", (cell) => middle(cell, id, "turn")),
      ]),
    },
    {
      id: "stream",
      peers: "all",
      jobs: [{ name: "none", work: { kind: "stream", deltas: DELTAS, reader: "none" } }],
      lines: [less("a delta of 100,000, µs", (cell) => times(middle(cell, "none", "delta"), 1_000))],
    },
    {
      id: "readers",
      peers: "koda",
      jobs: READERS.map((reader) => ({ name: reader, work: { kind: "stream", deltas: DELTAS, reader } })),
      lines: READERS.map((reader) =>
        less(`a delta, ${READER_TITLES[reader]}, µs`, (cell) => times(middle(cell, reader, "delta"), 1_000)),
      ),
    },
    {
      id: "idle",
      peers: "koda",
      jobs: SESSIONS.map((sessions) => ({ name: `${sessions}`, work: { kind: "idle", sessions } })),
      lines: SESSIONS.flatMap((sessions) => [
        less(`KiB of heap per idle session, ${sessions.toLocaleString("en-US")} of them`, (cell) =>
          times(middle(cell, `${sessions}`, "heap"), 1 / 1_024),
        ),
        less("KiB resident", (cell) => times(middle(cell, `${sessions}`, "resident"), 1 / 1_024)),
      ]),
    },
  ];
}

function less(title: string, value: Line<Cell>["value"]): Line<Cell> {
  return { title, isMoreBetter: false, value };
}

function more(title: string, value: Line<Cell>["value"]): Line<Cell> {
  return { title, isMoreBetter: true, value };
}

function series({ reports }: Cell, job: string, name: string): readonly number[] {
  return reports[job]?.[name] ?? [];
}

function middle(cell: Cell, job: string, name: string): number | null {
  const values = series(cell, job, name);
  return values.length === 0 ? null : median(values);
}

function p95(cell: Cell, job: string, name: string): number | null {
  const sorted = series(cell, job, name).toSorted((left, right) => left - right);
  return percentile(sorted, 0.95);
}

function mean(cell: Cell, job: string, name: string): number | null {
  const values = series(cell, job, name);
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function first(cell: Cell, job: string, name: string): number | null {
  return series(cell, job, name)[0] ?? null;
}

function ratio(cell: Cell, name: string): number | null {
  const [long, short] = [middle(cell, "100000", name), middle(cell, "10", name)];
  return long === null || short === null ? null : long / short;
}

function times(value: number | null, factor: number): number | null {
  return value === null ? null : value * factor;
}
