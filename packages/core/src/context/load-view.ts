import type { Entry } from "../store/entry.ts";
import type { JournalStore } from "../store/journal-store.ts";
import type { ToolCallRecord } from "../store/tool-call-record.ts";
import { blankedNote } from "./blank-results.ts";
import { charsPerToken } from "./estimate-tokens.ts";

/** What {@link loadView} found on the way from a leaf to what its model is shown first. */
export interface LoadedView {
  /** Oldest first; a summary, which stands for what came before, is the first. */
  readonly entries: readonly Entry[];
  readonly calls: ReadonlyMap<string, ToolCallRecord>;
  /** False when older entries are left out that no summary stands for. */
  readonly isWhole: boolean;
}

/**
 * Reads what a model is shown of the path that ends in `leafId`. It goes back to the entry that the newest summary keeps,
 * or until `maxChars` of texts, arguments and results are read, so the cost does not grow with the session. A view that is
 * cut begins with a user's entry, unless that would cost more than half of it, and never between an answer and its calls.
 * The last entry is there whatever its size. Null for `leafId`: a session without entries. A result in `blanked` counts for
 * the note in its place.
 */
export function loadView(
  store: Pick<JournalStore, "readEntry" | "readCallsOf">,
  leafId: string | null,
  { maxChars, blanked = none }: { readonly maxChars: number; readonly blanked?: ReadonlySet<string> | undefined },
): LoadedView {
  const newestFirst: Piece[] = [];
  let summary: Entry | null = null;
  let chars = 0;
  let id = leafId;
  while (id !== null) {
    const entry = store.readEntry(id);
    // A path with a hole in it is shown as far as it goes.
    if (entry === null) break;
    const piece = toPiece(store, entry, blanked);
    if (chars > 0 && chars + piece.chars > maxChars) break;
    chars += piece.chars;
    if (entry.content.kind === "summary") summary ??= entry;
    else newestFirst.push(piece);
    id = summary !== null && isFirstKept(entry.id, summary) ? null : entry.parentId;
  }
  const isWhole = id === null;
  const pieces = newestFirst.reverse();
  return toView(isWhole ? pieces : fromUser(pieces, chars), { summary, isWhole });
}

/** The characters that a window can hold: what is older could not be sent. */
export function viewChars(contextWindow: number): number {
  return (contextWindow > 0 ? contextWindow : 200_000) * charsPerToken;
}

/**
 * Counted for each entry besides its text: reading one is not free. It bounds a path of very short ones to some thousands,
 * which is more than such a window is used for.
 */
const entryChars = 200;

interface Piece {
  readonly entry: Entry;
  readonly calls: readonly ToolCallRecord[];
  readonly chars: number;
}

function isFirstKept(id: string, { content }: Entry): boolean {
  return content.kind === "summary" && (content.keptFromId === null || content.keptFromId === id);
}

const none: ReadonlySet<string> = new Set();

function toPiece(store: Pick<JournalStore, "readCallsOf">, entry: Entry, blanked: ReadonlySet<string>): Piece {
  const { content } = entry;
  const ownChars = entryChars + ("text" in content ? content.text.length : 0);
  if (content.kind !== "assistant" || content.toolCalls.length === 0) return { entry, calls: [], chars: ownChars };
  const calls = store.readCallsOf(entry.id);
  const argumentChars = content.toolCalls.reduce((sum, call) => sum + call.argumentsJson.length, 0);
  const results = calls.map(({ callId, result }) => (blanked.has(callId) ? blankedNote : (result?.text ?? "")));
  const resultChars = results.reduce((sum, text) => sum + text.length, 0);
  return { entry, calls, chars: ownChars + argumentChars + resultChars };
}

function fromUser(pieces: readonly Piece[], allChars: number): readonly Piece[] {
  let passed = 0;
  for (const [index, piece] of pieces.entries()) {
    if (piece.entry.content.kind === "user") return pieces.slice(index);
    passed += piece.chars;
    if (passed > allChars / 2) break;
  }
  return pieces;
}

function toView(
  pieces: readonly Piece[],
  { summary, isWhole }: { readonly summary: Entry | null; readonly isWhole: boolean },
): LoadedView {
  const entries = pieces.map(({ entry }) => entry);
  const calls = new Map(pieces.flatMap((piece) => piece.calls.map((call) => [call.callId, call] as const)));
  return { entries: summary === null ? entries : [summary, ...entries], calls, isWhole };
}
