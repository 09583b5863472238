import { median } from "../statistics.ts";
import type { Peer } from "./peers.ts";
import type { Cell, Line, Row } from "./rows.ts";

/** What came of one row for one peer: its rounds, or why there are none. Null: the peer has nothing to do with the row. */
export type Outcome =
  | { readonly kind: "measured"; readonly cells: readonly Cell[] }
  | { readonly kind: "failed"; readonly reason: string }
  | null;

export interface Results {
  readonly rows: readonly Row[];
  readonly peers: readonly Peer[];
  readonly outcome: (row: Row, peer: Peer) => Outcome;
}

/**
 * One markdown table. A cell is the median of the rounds and, after ×, how many times better Koda is: above 1 Koda is
 * ahead, whichever way the line counts. Where a round met errors, the cell says how many, and the note of that number what the first of them said.
 */
export function toTable(results: Results): string {
  const { rows, peers } = results;
  const koda = peers.find((peer) => peer.kind === "koda");
  const notes: string[] = [];
  const hasBest = koda !== undefined && peers.some((peer) => peer.kind === "npm");
  const head = ["", ...peers.map((peer) => peer.title), ...(hasBest ? ["Koda ÷ best npm"] : [])];
  const lines = rows.flatMap((row) =>
    row.lines.map((line) => {
      const ours = koda ? medianOf(results.outcome(row, koda), line) : null;
      const cells = peers.map((peer) => {
        const outcome = results.outcome(row, peer);
        const ratio = peer === koda ? null : toRatio(ours, medianOf(outcome, line), line);
        return toCell({ outcome, line, ratio, note: (text) => note(notes, `${peer.id}: ${text}`) });
      });
      const ratios = peers
        .filter((peer) => peer.kind === "npm")
        .map((peer) => toRatio(ours, medianOf(results.outcome(row, peer), line), line))
        .filter((ratio) => ratio !== null);
      const best = ratios.length > 0 ? `${Math.min(...ratios).toFixed(2)}×` : "–";
      return [line.title, ...cells, ...(hasBest ? [best] : [])];
    }),
  );
  const toLine = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = toLine(head.map((_, index) => (index === 0 ? "---" : "---:")));
  return [toLine(head), rule, ...lines.map(toLine), ...(notes.length > 0 ? ["", ...notes] : [])].join("\n");
}

/** The median over the rounds; null where there is nothing to say. */
export function medianOf(outcome: Outcome, line: Line): number | null {
  if (outcome?.kind !== "measured") return null;
  const values = outcome.cells.map((cell) => line.value(cell) ?? Number.NaN).filter(Number.isFinite);
  return values.length > 0 ? median(values) : null;
}

function toRatio(ours: number | null, theirs: number | null, line: Line): number | null {
  if (ours === null || theirs === null) return null;
  const ratio = line.isMoreBetter ? ours / theirs : theirs / ours;
  return Number.isFinite(ratio) ? ratio : null;
}

function toCell(options: {
  readonly outcome: Outcome;
  readonly line: Line;
  readonly ratio: number | null;
  readonly note: (text: string) => number;
}): string {
  const { outcome, line, ratio, note: addNote } = options;
  if (outcome === null) return "";
  if (outcome.kind === "failed" && outcome.reason.startsWith("not installed")) return outcome.reason;
  if (outcome.kind === "failed") return `does not run [${addNote(outcome.reason)}]`;
  const value = medianOf(outcome, line);
  const text = value === null ? "–" : toNumber(value);
  const times = ratio === null ? "" : ` (${ratio.toFixed(2)}×)`;
  const errors = outcome.cells.reduce((sum, cell) => sum + cell.errors, 0);
  if (errors === 0) return text + times;
  const first = outcome.cells.find((cell) => cell.firstError !== null)?.firstError ?? "unknown";
  return `${text}${times}, ${errors} ${errors === 1 ? "error" : "errors"} [${addNote(first)}]`;
}

/** Gives the number of the note; the same text has one number. */
function note(notes: string[], text: string): number {
  const known = notes.findIndex((each) => each.endsWith(`] ${text}  `));
  if (known >= 0) return known + 1;
  notes.push(`[${notes.length + 1}] ${text}  `);
  return notes.length;
}

/** Three digits that count, and no fraction of what is large. */
function toNumber(value: number): string {
  if (Math.abs(value) >= 99.95) return Math.round(value).toLocaleString("en-US");
  if (Math.abs(value) >= 9.995) return value.toFixed(1);
  return value.toFixed(Math.abs(value) >= 0.9995 || value === 0 ? 2 : 3);
}
