/** A secret in a text. `origin` is where its search began: before `start` when only a part of what was found is secret. */
export interface SecretMatch {
  readonly origin: number;
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

/** Matches that overlap become one, which goes by the name of the first; of two that begin together, the longer. */
export function mergeMatches(matches: readonly SecretMatch[]): readonly SecretMatch[] {
  const merged: SecretMatch[] = [];
  for (const match of matches.toSorted(byPlace)) {
    const last = merged.at(-1);
    if (last === undefined || match.start >= last.end) merged.push(match);
    else if (match.end > last.end) merged[merged.length - 1] = { ...last, end: match.end };
  }
  return merged;
}

/**
 * The longest beginning of a text that can be passed on: up to `limit`, but never into the middle of a match, nor
 * between the place where it was found and the place where it begins.
 */
export function retreatFrom(limit: number, matches: readonly SecretMatch[]): number {
  let end = limit;
  for (;;) {
    const cut = matches.find(({ origin, end: matchEnd }) => origin < end && matchEnd > end);
    if (cut === undefined) return end;
    end = cut.origin;
  }
}

function byPlace(left: SecretMatch, right: SecretMatch): number {
  if (left.start !== right.start) return left.start - right.start;
  if (left.end !== right.end) return right.end - left.end;
  return left.name < right.name ? -1 : left.name > right.name ? 1 : 0;
}
