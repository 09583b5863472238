import { rotate, toReason } from "./rounds.ts";
import type { Column, CountedErrors, MeasuredRow, Outcome, Results } from "./table.ts";

export interface RoundsOptions<Row extends MeasuredRow<Cell>, Peer extends Column, Cell extends CountedErrors> {
  readonly rows: readonly Row[];
  readonly peers: readonly Peer[];
  readonly rounds: number;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** False when a peer has nothing to do with a row. */
  readonly isMeasured: (row: Row, peer: Peer) => boolean;
  readonly measure: (row: Row, peer: Peer) => Promise<Cell>;
}

/** Measures round by round with the peers in turn, one at a time. A peer that does not work here is in the results with the reason. */
export async function runRounds<Row extends MeasuredRow<Cell>, Peer extends Column, Cell extends CountedErrors>(
  options: RoundsOptions<Row, Peer, Cell>,
): Promise<Results<Row, Peer, Cell>> {
  const { rows, peers, rounds, signal, say, isMeasured, measure } = options;
  const cells = new Map<string, Cell[]>();
  const failures = new Map<string, string>();
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, row] of rows.entries()) {
      say(`round ${round + 1} of ${rounds}, ${row.id}`);
      const competing = peers.filter((peer) => isMeasured(row, peer) && !failures.has(toKey(row, peer)));
      for (const peer of rotate(competing, round + index)) {
        signal.throwIfAborted();
        const key = toKey(row, peer);
        try {
          const cell = await measure(row, peer);
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

function toKey(row: { readonly id: string }, peer: { readonly id: string }): string {
  return `${row.id} ${peer.id}`;
}
