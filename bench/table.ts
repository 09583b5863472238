import { median } from "./statistics.ts";

/** What is measured, or the absence of it: a column of the table. Koda's own is of kind `koda`, packages of npm are its rivals. */
export interface Column {
  readonly id: string;
  /** The head of its column. */
  readonly title: string;
  readonly kind: string;
}

/** One measurement, which gives one or more lines of the table. */
export interface MeasuredRow<Cell> {
  readonly id: string;
  readonly lines: readonly Line<Cell>[];
}

export interface Line<Cell> {
  readonly title: string;
  readonly isMoreBetter: boolean;
  /** Null where this says nothing, as the CPU time of no proxy. */
  readonly value: (cell: Cell) => number | null;
}

/** What one measurement may have met. */
export interface CountedErrors {
  readonly errors: number;
  /** What the first of them said. */
  readonly firstError: string | null;
}

/** What came of one row for one peer: its rounds, or why there are none. Null: the peer has nothing to do with the row. */
export type Outcome<Cell> =
  | { readonly kind: "measured"; readonly cells: readonly Cell[] }
  | { readonly kind: "failed"; readonly reason: string }
  | null;

export interface Results<Row extends MeasuredRow<Cell>, Peer extends Column, Cell extends CountedErrors> {
  readonly rows: readonly Row[];
  readonly peers: readonly Peer[];
  readonly outcome: (row: Row, peer: Peer) => Outcome<Cell>;
}

/**
 * One markdown table. A cell is the median of the rounds and, after ×, how many times better Koda is: above 1 Koda is
 * ahead, whichever way the line counts. Koda is its first column with a figure in the line. Where a round met errors, the
 * cell says how many, and the note of that number what the first of them said.
 */
export function toTable<Row extends MeasuredRow<Cell>, Peer extends Column, Cell extends CountedErrors>(
  results: Results<Row, Peer, Cell>,
): string {
  const { rows, peers } = results;
  const own = peers.filter((peer) => peer.kind === "koda");
  const notes: string[] = [];
  const hasBest = own.length > 0 && peers.some((peer) => peer.kind === "npm");
  const head = ["", ...peers.map((peer) => peer.title), ...(hasBest ? ["Koda ÷ best npm"] : [])];
  const lines = rows.flatMap((row) =>
    row.lines.map((line) => {
      const [ours = null] = own
        .map((peer) => medianOf(results.outcome(row, peer), line))
        .filter((each) => each !== null);
      const cells = peers.map((peer) => {
        const outcome = results.outcome(row, peer);
        const ratio = peer.kind === "koda" ? null : toRatio(ours, medianOf(outcome, line), line);
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
export function medianOf<Cell>(outcome: Outcome<Cell>, line: Line<Cell>): number | null {
  if (outcome?.kind !== "measured") return null;
  const values = outcome.cells.map((cell) => line.value(cell) ?? Number.NaN).filter(Number.isFinite);
  return values.length > 0 ? median(values) : null;
}

function toRatio<Cell>(ours: number | null, theirs: number | null, line: Line<Cell>): number | null {
  if (ours === null || theirs === null) return null;
  const ratio = line.isMoreBetter ? ours / theirs : theirs / ours;
  return Number.isFinite(ratio) ? ratio : null;
}

function toCell<Cell extends CountedErrors>(options: {
  readonly outcome: Outcome<Cell>;
  readonly line: Line<Cell>;
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
