import { compileGlob, type PathGlob } from "./path-glob.ts";
import type { Policy } from "./policy.ts";
import { isWithin } from "./real-path.ts";

/** What the caller's own paths say of one path. `rule` is the path or pattern that decided, as it stands in the policy. */
export type PathDecision =
  | { readonly kind: "write" | "read-only" | "hidden"; readonly rule: string }
  /** Nothing names it or what it lies in. */
  | { readonly kind: "unnamed" };

/**
 * Decides by the deepest of `writePaths`, `readOnlyPaths` and `readDenyPaths` that a path lies in, so that a grant inside a denied directory and a
 * denial inside that grant both hold. At the same depth hidden wins over read-only, and read-only over writable. `hidden` are further directories
 * to hide. Denials do not care for letter case, grants do.
 */
export function createPathRules(policy: Policy, hidden: readonly string[] = []): (path: string) => PathDecision {
  const grants = [
    ...policy.writePaths.map((path) => ({ path, kind: "write" as const })),
    ...(policy.outerGitDir === null ? [] : [{ path: policy.outerGitDir, kind: "write" as const }]),
  ];
  const readOnly = policy.readOnlyPaths.map((path) => ({ path, folded: fold(path) }));
  const denied = [...hidden, ...policy.readDenyPaths].map((path) => ({ path, folded: fold(path) }));
  const readOnlyGlobs = policy.readOnlyGlobs.map(toMatcher);
  const deniedGlobs = policy.readDenyGlobs.map(toMatcher);
  return (path) => {
    const folded = fold(path);
    let best: { depth: number; decision: PathDecision } = { depth: -1, decision: { kind: "unnamed" } };
    const offer = (depth: number, kind: "write" | "read-only" | "hidden", rule: string): void => {
      if (depth >= best.depth) best = { depth, decision: { kind, rule } };
    };
    // In this order, since the last of equal depth stays.
    for (const grant of grants) if (isWithin(grant.path, path)) offer(depthOf(grant.path), grant.kind, grant.path);
    for (const one of readOnly) if (isWithin(one.folded, folded)) offer(depthOf(one.path), "read-only", one.path);
    for (const one of denied) if (isWithin(one.folded, folded)) offer(depthOf(one.path), "hidden", one.path);
    for (const { text, deepestMatch } of deniedGlobs) offer(deepestMatch(path), "hidden", text);
    if (best.decision.kind === "hidden") return best.decision; // a pattern of read-only files makes none of them visible
    for (const { text, deepestMatch } of readOnlyGlobs) offer(deepestMatch(path), "read-only", text);
    return best.decision;
  };
}

interface Matcher {
  readonly text: string;
  /** Depth of the deepest directory on the way to `path`, or of `path` itself, that the pattern matches; -2 for none. */
  readonly deepestMatch: (path: string) => number;
}

function toMatcher(glob: PathGlob): Matcher {
  const matches = compileGlob(glob);
  const base = fold(glob.base);
  return {
    text: glob.text,
    deepestMatch(path) {
      if (!isWithin(base, fold(path))) return NO_MATCH;
      const parts = path.slice(base === "/" ? 1 : base.length + 1).split("/");
      for (let count = parts.length; count > 0; count--) {
        if (matches(parts.slice(0, count).join("/"))) return depthOf(glob.base) + count;
      }
      return NO_MATCH;
    },
  };
}

const NO_MATCH = -2;

function depthOf(path: string): number {
  return path === "/" ? 0 : path.split("/").length - 1;
}

function fold(path: string): string {
  return path.toLowerCase();
}
