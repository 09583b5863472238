import type { SecretMatch } from "./secret-match.ts";
import type { SecretRule } from "./secret-rule.ts";

/**
 * Rules are matched in windows of a line: a match of up to {@link windowStep} characters lies whole inside of one, and
 * where the windows are depends on the text alone, not on how it arrived.
 */
export const windowStep = 2048;
const windowLength = 2 * windowStep;

/**
 * What rules match in `text`, and up to where that is certain. The text begins at a window of its line;
 * unless `isFinal`, its last line may go on.
 */
export function findRuleMatches(
  rules: readonly SecretRule[],
  text: string,
  options: { readonly from: number; readonly isFinal: boolean },
): { readonly matches: readonly SecretMatch[]; readonly limit: number } {
  const matches: SecretMatch[] = [];
  if (rules.length === 0) return { matches, limit: text.length };
  for (let lineStart = 0; lineStart < text.length; ) {
    const lineBreak = text.indexOf("\n", lineStart);
    const lineEnd = lineBreak === -1 ? text.length : lineBreak;
    const isOpen = lineBreak === -1 && !options.isFinal;
    for (let start = lineStart; start < lineEnd; start += windowStep) {
      if (isOpen && start + windowLength > lineEnd) return { matches, limit: Math.max(start, options.from) };
      const end = Math.min(start + windowLength, lineEnd);
      if (end > options.from) matchWindow(rules, text.slice(start, end), start, matches);
    }
    lineStart = lineEnd + 1;
  }
  return { matches, limit: text.length };
}

function matchWindow(rules: readonly SecretRule[], window: string, start: number, matches: SecretMatch[]): void {
  for (const { name, expression } of rules) {
    for (const found of window.matchAll(expression)) {
      const [from, to] = found.indices?.groups?.["secret"] ?? found.indices?.[0] ?? [0, 0];
      if (to > from) matches.push({ origin: start + found.index, start: start + from, end: start + to, name });
    }
  }
}
