import { findWord, toSearchWords, toTokens } from "./search-words.ts";

const maxCharacters = 300;
/** What comes before a match helps less than what follows it. */
const before = 80;

/** At most 300 characters of `text` around the first match of a query, in one line, no character cut in two. */
export function toExcerpt(text: string, query: string): string {
  const tokens = toTokens(text);
  const found = toSearchWords(query)
    .map((word) => findWord(tokens, word))
    .filter((index) => index >= 0);
  const match = found.length === 0 ? 0 : Math.min(...found);
  let start = Math.max(0, Math.min(match - before, text.length - maxCharacters));
  let end = Math.min(text.length, start + maxCharacters);
  if (/[\uDC00-\uDFFF]/.test(text.charAt(start))) start += 1;
  if (/[\uD800-\uDBFF]/.test(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end).replace(/\s+/gu, " ").trim();
}
