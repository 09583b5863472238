import type { CharSet } from "./char-set.ts";

/**
 * The shape of a secret as data, matched from left to right without ever going back, so that it costs no more than its
 * length and can be matched while the text still arrives:
 *
 *     pattern = prefix *part
 *     part    = text / run        ; a run takes all that it can, at most `max`, and stops before `until`
 */
export interface SecretPattern {
  /** What stands in the secret's place: made of `[A-Za-z0-9 _.-]`. */
  readonly name: string;
  /** Any of these begins it. Three characters at least: that is what a text is searched for. */
  readonly prefixes: readonly string[];
  /** `none`: also in the middle of a word. */
  readonly boundary: "word" | "none";
  readonly parts: readonly PatternPart[];
  /** Where the shape is documented. */
  readonly source: string;
}

export type PatternPart = { readonly kind: "text"; readonly text: string } | PatternRun;

export interface PatternRun {
  readonly kind: "run";
  readonly of: CharSet;
  readonly min: number;
  readonly max: number;
  readonly until?: string | undefined;
  /** Only this run is the secret, and what is around it stays. Without one the whole match is. */
  readonly isSecret?: true | undefined;
  /** What a run must be beyond its characters. */
  readonly judge?: ((value: string) => boolean) | undefined;
}

export type PatternMatch = { readonly start: number; readonly end: number } | "none" | "incomplete";

/**
 * Matches `parts` at `index`, just after the prefix that begins at `origin`. `incomplete`: the text ends before it is
 * known, and `isFinal` says that more of it may come.
 */
export function matchParts(
  text: string,
  options: {
    readonly parts: readonly PatternPart[];
    readonly origin: number;
    readonly index: number;
    readonly isFinal: boolean;
  },
): PatternMatch {
  let { index } = options;
  let secret: { start: number; end: number } | null = null;
  for (const part of options.parts) {
    const end = part.kind === "text" ? endOfText(text, part.text, index) : endOfRun(text, part, index);
    if (end === "cut") {
      if (!options.isFinal) return "incomplete";
      if (part.kind === "text") return "none";
    }
    if (end === "none") return "none";
    const stop = end === "cut" ? text.length : end;
    if (part.kind === "run") {
      if (stop - index < part.min) return "none";
      if (part.judge?.(text.slice(index, stop)) === false) return "none";
      if (part.isSecret) secret = { start: index, end: stop };
    }
    index = stop;
  }
  // A backslash at the end may be half of an escape, and what it escapes stays.
  while (text.charCodeAt(index - 1) === backslash) index -= 1;
  return secret ?? { start: options.origin, end: index };
}

const backslash = 0x5c;

function endOfText(text: string, wanted: string, index: number): number | "none" | "cut" {
  if (text.startsWith(wanted, index)) return index + wanted.length;
  return wanted.startsWith(text.slice(index, index + wanted.length)) ? "cut" : "none";
}

/** `cut` when the run goes on to the end of the text, or could. */
function endOfRun(text: string, run: PatternRun, start: number): number | "cut" {
  const last = start + run.max;
  const stop = run.until?.charCodeAt(0);
  let index = start;
  while (index < last) {
    if (index >= text.length) return "cut";
    const code = text.charCodeAt(index);
    if (code === stop && run.until !== undefined) {
      const found = endOfText(text, run.until, index);
      if (found === "cut") return "cut";
      if (found !== "none") return index;
    }
    if (!run.of(code)) return index;
    index += 1;
  }
  return index;
}
