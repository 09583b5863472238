import { type Refusal, refuse } from "../files/refusal.ts";

/** One exact replacement. */
export interface TextEdit {
  readonly oldText: string;
  readonly newText: string;
  readonly replaceAll: boolean;
}

/**
 * Applies edits one after the other, each to what the ones before left. Everything outside them stays byte for byte.
 * In a file with CRLF line ends an edit written with LF matches, and what it puts in gets CRLF.
 * A refusal names the edit and, when its text occurs more than once, the lines.
 */
export function applyEdits(
  text: string,
  edits: readonly TextEdit[],
): { readonly kind: "edited"; readonly text: string; readonly replaced: number } | Refusal {
  let edited = text;
  let replaced = 0;
  for (const [index, edit] of edits.entries()) {
    const { oldText, newText } = matchLineEnds(edited, edit);
    const places = occurrences(edited, oldText);
    const name = edits.length === 1 ? "oldText" : `oldText of edit ${index + 1}`;
    if (oldText === newText) return refuse(`${name} and newText are the same`);
    if (places.length === 0) return refuse(`${name} was not found`);
    if (places.length > 1 && !edit.replaceAll) return refuse(ambiguity(name, edited, places));
    edited = splice(edited, places, { length: oldText.length, newText });
    replaced += places.length;
  }
  return { kind: "edited", text: edited, replaced };
}

function matchLineEnds(text: string, edit: TextEdit): { readonly oldText: string; readonly newText: string } {
  const isPlain = edit.oldText.includes("\r") || !text.includes("\r\n");
  if (isPlain || (text.includes(edit.oldText) && edit.oldText.includes("\n"))) return edit;
  const toCrlf = (part: string): string => part.replace(/\r?\n/g, "\r\n");
  return { oldText: toCrlf(edit.oldText), newText: toCrlf(edit.newText) };
}

function occurrences(text: string, part: string): readonly number[] {
  const places: number[] = [];
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + part.length)) places.push(at);
  return places;
}

function splice(
  text: string,
  places: readonly number[],
  { length, newText }: { readonly length: number; readonly newText: string },
): string {
  const pieces: string[] = [];
  let end = 0;
  for (const place of places) {
    pieces.push(text.slice(end, place), newText);
    end = place + length;
  }
  return [...pieces, text.slice(end)].join("");
}

function ambiguity(name: string, text: string, places: readonly number[]): string {
  const shown = places.slice(0, 10).map((place) => lineNumber(text, place));
  const more = places.length > shown.length ? ` and ${places.length - shown.length} more` : "";
  return `${name} occurs ${places.length} times, at lines ${shown.join(", ")}${more}: add surrounding lines, or set replaceAll`;
}

function lineNumber(text: string, place: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < place; at = text.indexOf("\n", at + 1)) line++;
  return line;
}
