import { charSet } from "./char-set.ts";

/** How much of the text before a place decides whether a word can begin there. */
export const lookBehind = 48;

/**
 * Whether a word can begin at `index`: not behind a character of a word, unless that one ends an escape, which shows as
 * none. Known are the escapes of terminals, as they are and as programs write them in strings (`\e[0m`, `\u001b[K`),
 * those of strings (`\n`, `\u0020`, `\x20`, `\040`), and those of addresses (`%20`).
 */
export function isWordStart(text: string, index: number): boolean {
  if (index === 0 || !isWord(text.charCodeAt(index - 1))) return true;
  return endOfEscape.test(text.slice(Math.max(0, index - lookBehind), index));
}

const isWord = charSet("A-Za-z0-9_");

// ECMA-48, sections 5.3 and 5.4. No real sequence has as many parameters as this takes.
const introducer = "(?:\\u001b|\\\\(?:e|x1b|u001b|033))";
const terminal = `${introducer}(?:\\[[0-?]{0,32}[ -/]{0,2}[@-~]|[ -/]{0,2}[0-~])|\\u009b[0-?]{0,32}[ -/]{0,2}[@-~]`;
const inString = "\\\\(?:[abefnrtv0]|x[0-9a-f]{2}|u[0-9a-f]{4}|[0-3][0-7]{2})";
const endOfEscape = new RegExp(`(?:${terminal}|${inString}|%[0-9a-f]{2})$`, "i");
