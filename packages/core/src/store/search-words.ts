/** More words than anybody types; SQLite's parser has its limits. */
const maxWords = 64;
/** Longer than any question: what comes after is not looked at, so that a pasted file costs nothing. */
const maxQueryLength = 1000;

/** The words of what a person typed. What has neither a letter nor a digit is no word. */
export function toSearchWords(query: string): readonly string[] {
  // SQLite ends a text at a NUL.
  const words = query
    .slice(0, maxQueryLength)
    .split(/[\s\0]+/u)
    .filter((word) => /[\p{L}\p{N}\p{Co}]/u.test(word));
  return words.slice(0, maxWords);
}

/** A question to FTS5 in which nothing that was typed is an operator. Null when there is no word. */
export function toMatchExpression(query: string, combine: "AND" | "OR"): string | null {
  const words = toSearchWords(query).map((word) => `"${word.replaceAll('"', '""')}"`);
  return words.length === 0 ? null : words.join(` ${combine} `);
}

/** One token of a text: as search compares it, and where it lies. */
export interface SearchToken {
  readonly folded: string;
  readonly index: number;
}

/** The tokens of a text, without case and accents, as SQLite's `unicode61` takes them. */
export function toTokens(text: string): SearchToken[] {
  return Array.from(text.matchAll(/[\p{L}\p{N}\p{Co}][\p{L}\p{N}\p{Co}\p{Mn}]*/gu), (match) => ({
    folded: match[0]
      .normalize("NFD")
      .replace(/\p{Mn}/gu, "")
      .toLowerCase(),
    index: match.index,
  }));
}

/** Where in `tokens` those of `word` follow each other for the first time, as a position in the text; -1 when nowhere. */
export function findWord(tokens: readonly SearchToken[], word: string): number {
  const wanted = toTokens(word).map(({ folded }) => folded);
  if (wanted.length === 0) return -1;
  const first = tokens.findIndex((_, start) => wanted.every((part, offset) => tokens[start + offset]?.folded === part));
  return tokens[first]?.index ?? -1;
}
