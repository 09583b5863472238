import { basename } from "node:path/posix";
import { splitWords } from "./bash/word.ts";

/**
 * True when one simple command, as typed, is covered by a rule's pattern that allows: quotes are taken off, but a leading
 * assignment or a program named by its path keeps it from matching, and so does a word that only bash can tell.
 */
export function allowsCommand(pattern: string, command: string): boolean {
  if (command === pattern) return true;
  const words = splitWords(command)?.map(({ value }) => value) ?? [];
  return !words.includes(null) && matchesText(pattern, words.join(" "));
}

/** True when a rule that denies or asks covers a command under any spelling: `\rm`, `'r'm`, `/bin/rm`, `X=1 rm`. */
export function forbidsCommand(pattern: string, command: string): boolean {
  const words = splitWords(command)?.map(({ text, value }) => value ?? text) ?? [];
  const start = words.findIndex((word) => !/^\w+\+?=/.test(word));
  const [program = "", ...args] = start === -1 ? [] : words.slice(start);
  const spellings = [command, [program, ...args].join(" "), [basename(program), ...args].join(" ")];
  return spellings.some((spelling) => matchesText(pattern, spelling));
}

/** `git log:*` covers `git log` and `git log -3`, not `git logs`; `*` anywhere else stands for any text. Linear in both. */
function matchesText(pattern: string, text: string): boolean {
  if (!pattern.endsWith(":*")) return matchesWildcard(pattern, text);
  const prefix = pattern.slice(0, -2).trimEnd();
  return matchesWildcard(prefix, text) || matchesWildcard(`${prefix} *`, text);
}

/** `*` stands for any text, also none. Takes at most pattern × text steps. */
export function matchesWildcard(pattern: string, text: string): boolean {
  let at = 0;
  let inPattern = 0;
  let star = -1;
  let retryAt = 0;
  while (at < text.length) {
    if (pattern[inPattern] === "*") {
      star = inPattern++;
      retryAt = at;
    } else if (pattern[inPattern] === text[at]) {
      inPattern++;
      at++;
    } else if (star !== -1) {
      inPattern = star + 1;
      at = ++retryAt;
    } else return false;
  }
  while (pattern[inPattern] === "*") inPattern++;
  return inPattern === pattern.length;
}
