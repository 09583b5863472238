import { rotate, toReason } from "../rounds.ts";
import type { BenchSetting } from "../run-program.ts";
import type { Outcome, Results } from "../table.ts";
import type { BenchOptions } from "./arguments.ts";
import { createPlace } from "./create-place.ts";
import type { Cell } from "./job.ts";
import { isMeasured, measure } from "./measure.ts";
import type { Peer } from "./peers.ts";
import type { Row } from "./rows.ts";

/** Measures round by round with the peers in turn, one process at a time. A peer that does not work here is in the results with the reason. */
export async function runBench(options: BenchOptions & BenchSetting): Promise<Results<Row, Peer, Cell>> {
  const { rows, peers, rounds, haste, directory, signal, say } = options;
  const places = new Map(
    [...new Set(rows.map(({ tree }) => tree))].map((tree) => [tree, createPlace(directory, tree)]),
  );
  const cells = new Map<string, Cell[]>();
  const failures = new Map<string, string>();
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, row] of rows.entries()) {
      say(`round ${round + 1} of ${rounds}, ${row.id}`);
      const place = places.get(row.tree);
      if (place === undefined) continue; // every tree of these rows has one
      const competing = peers.filter((peer) => isMeasured(row, peer) && !failures.has(toKey(row, peer)));
      for (const peer of rotate(competing, round + index)) {
        const key = toKey(row, peer);
        try {
          const cell = await measure({ row, peer, place, haste, signal });
          cells.set(key, [...(cells.get(key) ?? []), cell]);
        } catch (error) {
          signal.throwIfAborted();
          failures.set(key, toReason(error));
        }
      }
    }
  }
  const outcome = (row: Row, peer: Peer): Outcome<Cell> => {
    if (!isMeasured(row, peer)) return null;
    const reason = failures.get(toKey(row, peer));
    if (reason !== undefined) return { kind: "failed", reason };
    return { kind: "measured", cells: cells.get(toKey(row, peer)) ?? [] };
  };
  return { rows, peers, outcome };
}

function toKey(row: Row, peer: Peer): string {
  return `${row.id} ${peer.id}`;
}
