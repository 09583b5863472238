/** Characters of one tool result that a model gets to read. */
export const maxResultChars = 40_000;

/** Characters of one tool result that are kept, whatever the model reads. */
export const maxStoredChars = 5_000_000;

/**
 * Well-formed text of at most about `maxChars` characters: head and tail are kept, and a line between them says how
 * much is missing. Lone surrogates become U+FFFD, so that every encoder takes the text.
 */
export function boundText(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text.toWellFormed();
  const headChars = Math.ceil(maxChars * 0.6);
  const tailChars = maxChars - headChars;
  const dropped = text.length - maxChars;
  const head = text.slice(0, headChars).toWellFormed();
  const tail = text.slice(text.length - tailChars).toWellFormed();
  return `${head}\n[… ${dropped} characters left out …]\n${tail}`;
}
