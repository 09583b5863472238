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

/** What one directory holds that patterns care for. */
export interface DirectoryLook {
  /** Names in it, all of them. */
  readonly names: number;
  readonly entries: readonly { readonly name: string; readonly isMatch: boolean; readonly isDirectory: boolean }[];
}

/** Looks at a directory, or knows what a look at it would give. `key` names directory and patterns. */
export type Recall = (key: string, path: string, look: () => DirectoryLook) => DirectoryLook;

/**
 * The outermost paths that patterns match now, without what lies in them. A matching link is among them, a link to a directory is not followed.
 * `.git` and `node_modules` are left out unless the pattern itself names them: what they hold is fetched, much, and seldom secret. `open` are
 * directories to look into even below a match.
 *
 * @throws {SandboxError} `bad_policy` when a bound is reached: a pattern that is only partly obeyed would be believed in.
 */
export function findMatches(
  globs: readonly PathGlob[],
  options: { readonly open: readonly string[]; readonly bounds?: MatchBounds; readonly recall?: Recall | undefined },
): string[] {
  const { bounds: { maxNames, maxMatches } = matchBounds, recall = (_key, _path, look) => look() } = options;
  const found = new Set<string>();
  let names = 0;
  for (const base of new Set(globs.map((glob) => glob.base))) {
    const searches = globs.filter((glob) => glob.base === base).map(toSearch);
    const texts = searches.map(({ text }) => JSON.stringify(text)).join(", ");
    const pending: Place[] = [{ path: base, relative: "", depth: 0 }];
    for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
      const current = place;
      const look = recall(`${texts} ${current.path}`, current.path, () => lookAt(current, searches));
      names += look.names;
      if (names > maxNames) throw tooMuch(texts, `looking for it takes more than ${maxNames} names`);
      for (const { name, isMatch, isDirectory } of look.entries) {
        const here = below(current.path === "/" ? "" : current.path, name);
        if (isMatch) {
          found.add(here);
          if (found.size > maxMatches) throw tooMuch(texts, `it matches more than ${maxMatches} paths`);
          if (!options.open.some((directory) => directory !== here && isWithin(here, directory))) continue;
        }
        if (!isDirectory) continue;
        const relative = current.relative === "" ? name : below(current.relative, name);
        pending.push({ path: here, relative, depth: current.depth + 1 });
      }
    }
  }
  return [...found];
}

function lookAt({ path, relative, depth }: Place, searches: readonly Search[]): DirectoryLook {
  const listed = listEntries(path);
  const entries = listed.map((entry) => {
    const { name } = entry;
    const isMatch = searches.some((search) => search.matches(relative === "" ? name : below(relative, name)));
    const isWanted = searches.some((search) => depth + 1 < search.maxDepth && !search.skips.has(name));
    return { name, isMatch, isDirectory: isWanted && entry.isDirectory() };
  });
  return { names: listed.length, entries: entries.filter(({ isMatch, isDirectory }) => isMatch || isDirectory) };
}

function below(directory: string, name: string): string {
  return `${directory}/${name}`;
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

function tooMuch(texts: string, problem: string): SandboxError {
  return new SandboxError(
    "bad_policy",
    `the pattern ${texts} cannot be obeyed: ${problem}; name the directory instead`,
  );
}
