import { type Dirent, lstatSync, readdirSync } from "node:fs";
import { SandboxError } from "../errors.ts";
import { compileGlob, type PathGlob } from "./path-glob.ts";
import { isWithin } from "./real-path.ts";

/** How much looking patterns may cost for one command. */
export interface MatchBounds {
  /** Names of files and directories, of all patterns together. */
  readonly maxNames: number;
  /** Paths found, of all patterns together: each becomes a mount. */
  readonly maxMatches: number;
}

/** About 0.2 s of looking at worst; bubblewrap takes more than a millisecond per mount when there are many. */
export const matchBounds: MatchBounds = Object.freeze({ maxNames: 100_000, maxMatches: 256 });

/**
 * The outermost paths that patterns match now, without what lies in them. A matching link is among them, a link to a directory is not followed.
 * `.git` and `node_modules` are left out unless the pattern itself names them: what they hold is fetched, much, and seldom secret. `open` are
 * directories to look into even below a match.
 *
 * @throws {SandboxError} `bad_policy` when a bound is reached: a pattern that is only partly obeyed would be believed in.
 */
export function findMatches(
  globs: readonly PathGlob[],
  options: { readonly open: readonly string[]; readonly bounds?: MatchBounds },
): string[] {
  const { maxNames, maxMatches } = options.bounds ?? matchBounds;
  const found = new Set<string>();
  let names = 0;
  for (const base of new Set(globs.map((glob) => glob.base))) {
    const searches = globs.filter((glob) => glob.base === base).map(toSearch);
    const pending: Place[] = [{ path: base, relative: "", depth: 0 }];
    for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
      const { path, relative, depth } = place;
      for (const entry of listEntries(path)) {
        if (++names > maxNames) throw tooMuch(searches, `looking for it takes more than ${maxNames} names`);
        const here = path === "/" ? `/${entry.name}` : `${path}/${entry.name}`;
        const below = relative === "" ? entry.name : `${relative}/${entry.name}`;
        if (searches.some((search) => search.matches(below))) {
          found.add(here);
          if (found.size > maxMatches) throw tooMuch(searches, `it matches more than ${maxMatches} paths`);
          if (!options.open.some((directory) => directory !== here && isWithin(here, directory))) continue;
        }
        if (!entry.isDirectory()) continue;
        if (searches.some((search) => depth + 1 < search.maxDepth && !search.skips.has(entry.name))) {
          pending.push({ path: here, relative: below, depth: depth + 1 });
        }
      }
    }
  }
  return [...found];
}

interface Place {
  readonly path: string;
  readonly relative: string;
  readonly depth: number;
}

interface Search {
  readonly text: string;
  readonly matches: (relative: string) => boolean;
  /** Parts of the longest path it can match. */
  readonly maxDepth: number;
  readonly skips: ReadonlySet<string>;
}

const SKIPPED: readonly string[] = [".git", "node_modules"];

function toSearch(glob: PathGlob): Search {
  const parts = glob.pattern.split("/");
  return {
    text: glob.text,
    matches: compileGlob(glob),
    maxDepth: glob.pattern.includes("**") ? Number.POSITIVE_INFINITY : parts.length,
    skips: new Set(SKIPPED.filter((name) => !glob.pattern.split(/[/{},]/).includes(name))),
  };
}

function listEntries(directory: string): Dirent[] {
  try {
    // The base may have become a link since the policy was made: what it leads to now is not what was named.
    return lstatSync(directory).isDirectory() ? readdirSync(directory, { withFileTypes: true }) : [];
  } catch {
    return []; // absent, or not readable for us, so not for the command either
  }
}

function tooMuch(searches: readonly Search[], problem: string): SandboxError {
  const texts = searches.map(({ text }) => JSON.stringify(text)).join(", ");
  return new SandboxError(
    "bad_policy",
    `the pattern ${texts} cannot be obeyed: ${problem}; name the directory instead`,
  );
}
