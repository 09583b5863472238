import { join } from "node:path";
import type { BenchSetting } from "../run-program.ts";
import { runRounds } from "../run-rounds.ts";
import type { Results } from "../table.ts";
import type { BenchOptions } from "./arguments.ts";
import type { Cell } from "./job.ts";
import { prepareDatabase } from "./koda-store.ts";
import { LENGTHS } from "./lengths.ts";
import { isMeasured, measure } from "./measure.ts";
import type { Peer } from "./peers.ts";
import type { Row } from "./rows.ts";

/** Prepares the databases, then measures round by round, one process at a time. */
export async function runBench(options: BenchOptions & BenchSetting): Promise<Results<Row, Peer, Cell>> {
  const { directory, isQuick } = options;
  const databases = prepareDatabases(options);
  return await runRounds<Row, Peer, Cell>({
    ...options,
    isMeasured,
    measure: (row, peer) => measure({ row, peer, directory, databases, isQuick }),
  });
}

/** One for each length that is measured, by the length's id. */
function prepareDatabases({ rows, peers, directory, say }: BenchOptions & BenchSetting): ReadonlyMap<string, string> {
  const databases = new Map<string, string>();
  if (!peers.some(({ id }) => id === "koda")) return databases;
  const works = rows.flatMap(({ jobs }) => jobs.map(({ work }) => work));
  const used = new Set(works.flatMap((work) => ("length" in work && work.length !== null ? [work.length.id] : [])));
  for (const length of LENGTHS.filter(({ id }) => used.has(id))) {
    say(`preparing a session of ${length.title} entries`);
    const path = join(directory, `${length.id}.db`);
    prepareDatabase(path, { directory, length });
    databases.set(length.id, path);
  }
  return databases;
}
