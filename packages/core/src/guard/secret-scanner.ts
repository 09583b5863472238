import { findRuleMatches } from "./rule-matches.ts";
import { mergeMatches, retreatFrom, type SecretMatch } from "./secret-match.ts";
import { matchParts, type PatternMatch, type SecretPattern } from "./secret-pattern.ts";
import type { SecretRule } from "./secret-rule.ts";
import { isWordStart } from "./word-boundary.ts";

/** What a scan found, and up to where it is certain: everything when the text was the whole of it. */
export interface Scan {
  /** In order, none overlapping another, all before `limit`. */
  readonly matches: readonly SecretMatch[];
  readonly limit: number;
}

/** A literal that is a secret, or a pattern behind one of its prefixes. */
interface Candidate {
  readonly text: string;
  readonly name: string;
  readonly pattern: SecretPattern | null;
  /** In small letters, and found in any. */
  readonly isAnyCase?: true | undefined;
}

/**
 * Finds many secrets in one pass: three characters at a time are hashed, and only where something begins with those
 * is it compared. Immutable.
 */
export class SecretScanner {
  readonly rules: readonly SecretRule[];
  /** Of the hash for each character: three of them fill it, so that what came before is shifted out. */
  readonly #bits: number;
  /** By the hash of the first three characters, one more than the index in `#buckets`; 0 is nothing. */
  readonly #table: Uint16Array;
  readonly #buckets: Candidate[][] = [];
  /** What could begin in the last one or two characters of a text. */
  readonly #byStart = new Map<string, Candidate[]>();

  /** `literals`: secret text to name. Each has three characters at least. */
  constructor(options: {
    readonly literals: ReadonlyMap<string, string>;
    /** The same, in small letters, for secret text that counts in any case. Absent: none. */
    readonly literalsInAnyCase?: ReadonlyMap<string, string> | undefined;
    readonly patterns: readonly SecretPattern[];
    readonly rules: readonly SecretRule[];
  }) {
    this.rules = options.rules;
    // A small table where little is known: a process can hold a thousand sessions.
    this.#bits = options.literals.size <= manyLiterals ? 4 : 5;
    this.#table = new Uint16Array(1 << (3 * this.#bits));
    for (const [text, name] of options.literals) this.#add({ text, name, pattern: null });
    for (const [text, name] of options.literalsInAnyCase ?? []) {
      this.#add({ text, name, pattern: null, isAnyCase: true });
    }
    for (const pattern of options.patterns) {
      for (const text of pattern.prefixes) this.#add({ text, name: pattern.name, pattern });
    }
  }

  /**
   * Scans `text` from `from`; what is before is looked at only for where words and lines begin. Unless `isFinal`, more
   * may follow: `limit` is then the longest part of which that could change nothing.
   */
  scan(text: string, options: { readonly from: number; readonly isFinal: boolean }): Scan {
    const found: SecretMatch[] = [];
    const certain = this.#scanCandidates(text, options, found);
    const byRule = findRuleMatches(this.rules, text, options);
    for (const match of byRule.matches) if (match.start >= options.from) found.push(match);
    if (found.length === 0) return { matches: found, limit: Math.min(certain, byRule.limit) };
    const limit = retreatFrom(Math.min(certain, byRule.limit), found);
    return { matches: mergeMatches(found.filter(({ end }) => end <= limit)), limit };
  }

  #add(candidate: Candidate): void {
    const start = candidate.text.slice(0, 3);
    for (const begin of candidate.isAnyCase ? inEachCase(start) : [start]) this.#addBegin(begin, candidate);
  }

  #addBegin(text: string, candidate: Candidate): void {
    const hash = this.#hash(text, 0, 3);
    const index = this.#table[hash] ?? 0;
    if (index === 0) this.#table[hash] = this.#buckets.push([candidate]);
    else this.#buckets[index - 1]?.push(candidate);
    for (const start of [text.slice(0, 1), text.slice(0, 2)]) {
      const known = this.#byStart.get(start);
      if (known === undefined) this.#byStart.set(start, [candidate]);
      else known.push(candidate);
    }
  }

  #hash(text: string, from: number, length: number): number {
    let hash = 0;
    for (let index = from; index < from + length; index += 1) {
      hash = ((hash << this.#bits) ^ text.charCodeAt(index)) & (this.#table.length - 1);
    }
    return hash;
  }

  /** Adds to `found`, and gives the first place where it is not certain what begins there. */
  #scanCandidates(text: string, options: { from: number; isFinal: boolean }, found: SecretMatch[]): number {
    const { from, isFinal } = options;
    const table = this.#table;
    const bits = this.#bits;
    const mask = table.length - 1;
    let hash = this.#hash(text, from, 2);
    // Inside of what one pattern took no other begins: else a text of many beginnings would be read again and again.
    let patternsFrom = from;
    for (let index = from + 2; index < text.length; index += 1) {
      hash = ((hash << bits) ^ text.charCodeAt(index)) & mask;
      const bucket = table[hash];
      if (bucket === undefined || bucket === 0) continue;
      const origin = index - 2;
      let patternEnd = patternsFrom;
      for (const candidate of this.#buckets[bucket - 1] ?? []) {
        if (candidate.pattern !== null && origin < patternsFrom) continue;
        const match = tryCandidate(text, candidate, { origin, isFinal });
        if (match === "incomplete") return origin;
        if (match === "none") continue;
        found.push({ origin, start: match.start, end: match.end, name: candidate.name });
        if (candidate.pattern !== null) patternEnd = Math.max(patternEnd, match.end);
      }
      patternsFrom = patternEnd;
    }
    if (isFinal) return text.length;
    for (let origin = Math.max(from, text.length - 2); origin < text.length; origin += 1) {
      const candidates = this.#byStart.get(text.slice(origin)) ?? [];
      const mayBegin = ({ pattern }: Candidate): boolean =>
        pattern === null || (origin >= patternsFrom && isAtBoundary(text, pattern, origin));
      if (candidates.some(mayBegin)) return origin;
    }
    return text.length;
  }
}

const manyLiterals = 100;

function tryCandidate(
  text: string,
  { text: wanted, pattern, isAnyCase }: Candidate,
  { origin, isFinal }: { readonly origin: number; readonly isFinal: boolean },
): PatternMatch {
  const end = origin + wanted.length;
  if (isAnyCase) {
    const piece = text.slice(origin, end).toLowerCase();
    if (piece === wanted) return { start: origin, end };
    return end > text.length && !isFinal && wanted.startsWith(piece) ? "incomplete" : "none";
  }
  // One character tells most apart: lines of dashes begin as private keys do.
  const middle = wanted.length >> 1;
  if (origin + middle < text.length && text.charCodeAt(origin + middle) !== wanted.charCodeAt(middle)) return "none";
  if (!text.startsWith(wanted, origin)) {
    const isCut = end > text.length && !isFinal && wanted.startsWith(text.slice(origin));
    return isCut && (pattern === null || isAtBoundary(text, pattern, origin)) ? "incomplete" : "none";
  }
  if (pattern === null) return { start: origin, end };
  if (!isAtBoundary(text, pattern, origin)) return "none";
  return matchParts(text, { parts: pattern.parts, origin, index: end, isFinal });
}

function isAtBoundary(text: string, pattern: SecretPattern, origin: number): boolean {
  return pattern.boundary === "none" || isWordStart(text, origin);
}

/** A few letters in every mixture of small and large ones. */
function inEachCase(letters: string): ReadonlySet<string> {
  let mixtures = [""];
  for (const letter of letters) {
    mixtures = mixtures.flatMap((begin) => [begin + letter.toLowerCase(), begin + letter.toUpperCase()]);
  }
  return new Set(mixtures);
}
