import type { SecretMatch } from "./secret-match.ts";
import type { SecretScanner } from "./secret-scanner.ts";

/** A text without its secrets, and their names: each once, in the order in which they came. */
export interface Redaction {
  readonly text: string;
  readonly found: readonly string[];
}

/**
 * Puts a marker such as `[secret: GITHUB_TOKEN]` in the place of every secret: a known value in any usual encoding, or
 * what has the shape of a key. Markers hold no character that JSON would escape. A text without secrets comes back as it is.
 */
export function redact(text: string, scanner: SecretScanner): Redaction {
  const { matches } = scanner.scan(text, { from: 0, isFinal: true });
  return { text: replaceMatches(text, matches, { from: 0, to: text.length }), found: namesOf(matches) };
}

/** The part of a text from `from` to `to`, with markers for the matches, which lie in it. */
export function replaceMatches(
  text: string,
  matches: readonly SecretMatch[],
  { from, to }: { readonly from: number; readonly to: number },
): string {
  if (matches.length === 0) return from === 0 && to === text.length ? text : text.slice(from, to);
  const pieces: string[] = [];
  let index = from;
  for (const { start, end, name } of matches) {
    pieces.push(text.slice(index, start), secretMarker(name));
    index = end;
  }
  pieces.push(text.slice(index, to));
  return pieces.join("");
}

/** What stands in the place of the secret of that name. */
export function secretMarker(name: string): string {
  return `[secret: ${name}]`;
}

export function namesOf(matches: readonly SecretMatch[]): readonly string[] {
  return [...new Set(matches.map(({ name }) => name))];
}
