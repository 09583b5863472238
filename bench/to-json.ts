import { type Column, type CountedErrors, type MeasuredRow, medianOf, type Results } from "./table.ts";

/** The same figures for programs: the median of every line, and every round behind it. */
export function toJson<Row extends MeasuredRow<Cell>, Peer extends Column, Cell extends CountedErrors>(
  about: string,
  results: Results<Row, Peer, Cell>,
): string {
  const rows = results.rows.map((row) => ({
    id: row.id,
    peers: Object.fromEntries(
      results.peers.flatMap((peer) => {
        const outcome = results.outcome(row, peer);
        if (outcome === null) return [];
        const medians = Object.fromEntries(row.lines.map((line) => [line.title, medianOf(outcome, line)]));
        return [[peer.id, { ...outcome, medians }]];
      }),
    ),
  }));
  return `${JSON.stringify({ about, rows }, null, 2)}\n`;
}
