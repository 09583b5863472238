/** One element of a regular expression, with how often it is repeated. */
export interface PatternItem {
  /** `word`: characters of words only. `edge`: a place, such as `^`; `word-edge`: `\b`. `look`: a look ahead or behind. */
  readonly kind: "character" | "word" | "edge" | "word-edge" | "group" | "look";
  /** The very character that is meant; null when it is one of several, or none. */
  readonly literal: string | null;
  /** What is in it, for a group and a look. */
  readonly body: readonly PatternSequence[] | null;
  readonly min: number;
  /** Of one without end: as long as the longest text that a rule is matched in. */
  readonly max: number;
}

export type PatternSequence = readonly PatternItem[];

/** The alternatives of a regular expression that compiles without flags, each as the sequence of its elements. */
export function readPattern(pattern: string): readonly PatternSequence[] {
  // Escapes and classes are single elements here, and what stands inside of them means nothing.
  const tokens = pattern.match(token) ?? [];
  return readAlternatives(tokens, { index: 0 });
}

/** What a repetition without end can take: the length of a window. */
const endless = 4096;
const token =
  /\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|c[A-Za-z]|[\s\S])|\[(?:\\[\s\S]|[^\]\\])*\]|\(\?(?:<?[=!]|[a-z]*(?:-[a-z]+)?:|<[^>=!]+>)|(?:[*+?]|\{\d+(?:,\d*)?\})\??|[\s\S]/g;
const repetition = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??$/;

function readAlternatives(tokens: readonly string[], position: { index: number }): PatternSequence[] {
  const alternatives: PatternItem[][] = [[]];
  while (position.index < tokens.length) {
    const text = tokens[position.index] ?? "";
    position.index += 1;
    if (text === ")") break;
    if (text === "|") {
      alternatives.push([]);
      continue;
    }
    const body = text.startsWith("(") ? readAlternatives(tokens, position) : null;
    const { min, max } = readRepetition(tokens[position.index]);
    if (repetition.test(tokens[position.index] ?? "")) position.index += 1;
    alternatives.at(-1)?.push({ kind: kindOf(text), literal: literalOf(text), body, min, max });
  }
  return alternatives;
}

function kindOf(text: string): PatternItem["kind"] {
  if (text.startsWith("(")) return /^\(\?<?[=!]/.test(text) ? "look" : "group";
  if (text === "\\b") return "word-edge";
  if (text === "^" || text === "$" || text === "\\B") return "edge";
  return /^(?:\\[wd]|\[(?:[A-Za-z0-9_]|\\[wd]|[A-Z]-[A-Z]|[a-z]-[a-z]|[0-9]-[0-9])+\])$/.test(text)
    ? "word"
    : "character";
}

function literalOf(text: string): string | null {
  if (/^[^\\.[(^$]$/.test(text)) return text;
  return /^\\[^\w]$/.test(text) ? text.slice(1) : null;
}

function readRepetition(text = ""): { readonly min: number; readonly max: number } {
  const counted = repetition.exec(text);
  if (counted === null) return { min: 1, max: 1 };
  if (text.startsWith("*")) return { min: 0, max: endless };
  if (text.startsWith("+")) return { min: 1, max: endless };
  if (text.startsWith("?")) return { min: 0, max: 1 };
  const [, min, open, max] = counted;
  return { min: Number(min), max: open === "" ? Number(min) : max === "" ? endless : Number(max) };
}
