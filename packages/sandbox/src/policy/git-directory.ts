import { readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { isWithin, toRealPath } from "./real-path.ts";

const MAX_POINTER_BYTES = 4096; // PATH_MAX

/**
 * The shared git directory of a linked worktree, or null where `.git` is a directory, absent, or not to be believed.
 *
 * The `.git` file of a worktree is project content, so anyone could have written it. It is believed only when the directory it names points back
 * at this very worktree (gitrepository-layout(5): `worktrees/NAME/gitdir`), which only git running in the other repository writes.
 * A submodule opened alone has no such pointer back: its git directory stays read-only.
 */
export function findGitDirectory(projectRoot: string): string | null {
  const dotGit = join(projectRoot, ".git");
  const worktreeDir = readGitPointer(dotGit);
  if (worktreeDir === null) return null;
  const backPointer = readPointer(join(worktreeDir, "gitdir"));
  const common = readPointer(join(worktreeDir, "commondir"));
  if (backPointer === null || common === null) return null;
  if (toRealPath(resolve(worktreeDir, backPointer)) !== dotGit) return null;
  const commonDir = toRealPath(resolve(worktreeDir, common));
  if (dirname(worktreeDir) !== join(commonDir, "worktrees") || isWithin(projectRoot, commonDir)) return null;
  return commonDir;
}

/** Where a `.git` file sends git, links resolved; null for anything but such a file. Not to be believed: it may name any directory. */
export function readGitPointer(dotGit: string): string | null {
  const pointer = readPointer(dotGit)?.match(/^gitdir: (.+)$/s)?.[1];
  return pointer === undefined ? null : toRealPath(resolve(dirname(dotGit), pointer));
}

function readPointer(path: string): string | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isFile() || stats.size > MAX_POINTER_BYTES) return null;
  try {
    return readFileSync(path, "utf8").replace(/\n$/, "");
  } catch {
    return null; // not readable: not believed
  }
}
