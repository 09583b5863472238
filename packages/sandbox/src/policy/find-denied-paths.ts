import { findMatches, type Recall } from "./find-matches.ts";
import { OWN_PATHS, PROGRAM_DIRECTORIES, SHARED_DIRECTORIES } from "./needed-paths.ts";
import type { Policy } from "./policy.ts";
import { isWithin, toRealPath } from "./real-path.ts";

/**
 * What `readDenyPaths` and `readDenyGlobs` name now, links resolved; may be absent. `grants` are directories to look into even below a match.
 * A link that a pattern matches denies what it leads to as well. Except directories that hold the project, this Node, `/etc`, `/opt` or `/var`, and
 * programs of the system: a command may have made the link, and the next one could not even start. Files in `/etc` and its like are denied.
 *
 * @throws {SandboxError} `bad_policy` when a pattern is about more names than are looked at.
 */
export function findDeniedPaths(policy: Policy, grants: readonly string[], recall?: Recall): string[] {
  const { readDenyPaths, readDenyGlobs } = policy;
  const needed = [policy.projectRoot, policy.home, ...grants, ...SHARED_DIRECTORIES, ...OWN_PATHS];
  const isNeeded = (path: string): boolean =>
    needed.some((directory) => isWithin(path, directory)) ||
    PROGRAM_DIRECTORIES.some((directory) => isWithin(directory, path));
  const matches = findMatches(readDenyGlobs, { open: grants, recall }).map((path) => ({
    path,
    target: toRealPath(path),
  }));
  return [
    ...new Set([
      ...readDenyPaths.map(toRealPath), // may have become a link after the policy was made
      ...matches.filter(({ path, target }) => target === path || !isNeeded(target)).map(({ target }) => target),
    ]),
  ];
}
