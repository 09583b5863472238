import { type PatternItem, type PatternSequence, readPattern } from "./read-pattern.ts";

/**
 * How many steps a backtracking matcher takes for each character of a text, at most: for every way to match the
 * beginning of a pattern it tries the rest. Three things keep ordinary patterns cheap:
 *
 * - once what is left of a pattern may be empty it has matched, and the text it took is not looked at again;
 * - literal text in front of it can begin only once in as many characters as it takes to repeat itself;
 * - of `\b` and a run of word characters, there is one for each word.
 */
export function ruleCost(pattern: string): number {
  return sum(readPattern(pattern).map(costFromFront));
}

function costFromFront(sequence: PatternSequence): number {
  const literals = sequence.findIndex(({ literal, min, max }) => literal === null || min !== 1 || max !== 1);
  const prefix = sequence
    .slice(0, literals === -1 ? sequence.length : literals)
    .map(({ literal }) => literal)
    .join("");
  const [boundary, run] = sequence;
  if (boundary?.kind === "word-edge" && run?.kind === "word") {
    return 2 + ways(run) * failureCost(sequence.slice(2));
  }
  return 1 + failureCost(sequence.slice(prefix.length)) / period(prefix);
}

/** Of one attempt that fails, or per character of one that does not. */
function failureCost(sequence: PatternSequence): number {
  const [first, ...rest] = sequence;
  if (first === undefined) return 0;
  if (!rest.every(isOptional)) return fullCost(first) + ways(first) * failureCost(rest);
  const { body, min } = first;
  const needed = Math.max(min, 1);
  if (body === null) return needed + failureCost(rest);
  const before: PatternItem = { ...first, min: needed - 1, max: needed - 1 };
  return fullCost(before) + ways(before) * sum(body.map(failureCost)) + failureCost(rest);
}

/** Of every way there is to match it. */
function fullCost({ body, max }: PatternItem): number {
  if (body === null) return max;
  if (max > maxCounted) return Number.POSITIVE_INFINITY;
  return sum(body.map(sequenceCost)) * sum(powers(sum(body.map(sequenceWays)), 0, max - 1));
}

function sequenceCost(sequence: PatternSequence): number {
  const [first, ...rest] = sequence;
  return first === undefined ? 0 : fullCost(first) + ways(first) * sequenceCost(rest);
}

function sequenceWays(sequence: PatternSequence): number {
  return sequence.reduce((product, item) => product * ways(item), 1);
}

function ways({ kind, body, min, max }: PatternItem): number {
  // What was looked at is not gone back into.
  if (kind === "look" || kind === "word-edge" || kind === "edge") return 1;
  if (body === null) return max - min + 1;
  if (max > maxCounted) return Number.POSITIVE_INFINITY;
  return sum(powers(sum(body.map(sequenceWays)), min, max));
}

function isOptional({ kind, body, min }: PatternItem): boolean {
  if (kind === "look" || kind === "edge" || kind === "word-edge") return false;
  return min === 0 || (body?.some((sequence) => sequence.every(isOptional)) ?? false);
}

function powers(base: number, first: number, last: number): readonly number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => base ** (first + index));
}

/** After how many characters a text can begin again within itself. */
function period(text: string): number {
  for (let shift = 1; shift < text.length; shift += 1) {
    if (text.startsWith(text.slice(shift))) return shift;
  }
  return Math.max(1, text.length);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** A group that is repeated more often is too expensive, whatever is in it. */
const maxCounted = 64;
