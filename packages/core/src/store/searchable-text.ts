import type { EntryContent } from "./entry.ts";
import type { ToolCallResult } from "./tool-call-record.ts";

/** Enough to find a result again; the rest of a long one is seldom what is looked for. */
const maxResultCharacters = 4000;
/** A prompt may be a pasted file. */
const maxEntryCharacters = 100_000;

/** What a search finds an entry by. Null: nothing, since the same words are in another one. */
export function toSearchableText(content: EntryContent): string | null {
  return content.kind === "turn-end" || content.text === "" ? null : cut(content.text, maxEntryCharacters);
}

/** What a search finds a result by. Null: nothing, since it is only why the call did not run. */
export function toSearchableResult({ outcome, text }: Pick<ToolCallResult, "outcome" | "text">): string | null {
  return outcome === "blocked" || outcome === "rejected" || text === "" ? null : cut(text, maxResultCharacters);
}

/** Not in the middle of a surrogate pair. */
function cut(text: string, length: number): string {
  const end = /[\uD800-\uDBFF]/.test(text.charAt(length - 1)) ? length - 1 : length;
  return text.slice(0, end);
}
