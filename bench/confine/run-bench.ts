import type { BenchSetting } from "../run-program.ts";
import { runRounds } from "../run-rounds.ts";
import type { Results } from "../table.ts";
import type { BenchOptions } from "./arguments.ts";
import { createPlace } from "./create-place.ts";
import type { Cell } from "./job.ts";
import { isMeasured, measure } from "./measure.ts";
import type { Peer } from "./peers.ts";
import type { Row } from "./rows.ts";

/** Measures round by round, one process at a time. */
export async function runBench(options: BenchOptions & BenchSetting): Promise<Results<Row, Peer, Cell>> {
  const { rows, haste, directory, signal } = options;
  const places = new Map(
    [...new Set(rows.map(({ tree }) => tree))].map((tree) => [tree, createPlace(directory, tree)]),
  );
  return await runRounds<Row, Peer, Cell>({
    ...options,
    isMeasured,
    measure: async (row, peer) => {
      const place = places.get(row.tree);
      if (place === undefined) throw new Error(`there is no ${row.tree} tree`);
      return await measure({ row, peer, place, haste, signal });
    },
  });
}
