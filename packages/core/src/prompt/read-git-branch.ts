import { isAbsolute, join, resolve } from "node:path";
import { readBoundedFile } from "./read-bounded-file.ts";

/**
 * The branch that is checked out, from `.git/HEAD` alone. Null without git, on a detached head, or when the name has
 * characters that no branch has (git-check-ref-format).
 */
export function readGitBranch(projectRoot: string): string | null {
  const gitDirectory = readLinkedDirectory(projectRoot) ?? join(projectRoot, ".git");
  const head = readSmall(join(gitDirectory, "HEAD"));
  const branch = /^ref: refs\/heads\/([^\s~^:?*[\\\p{Cc}\p{Cf}]{1,200})$/u.exec(head?.trim() ?? "");
  return branch?.[1] ?? null;
}

/** In a linked work tree `.git` is a file that names the directory. */
function readLinkedDirectory(projectRoot: string): string | null {
  const link = /^gitdir: ([^\n\0]+)$/.exec(readSmall(join(projectRoot, ".git"))?.trim() ?? "")?.[1];
  if (link === undefined) return null;
  return isAbsolute(link) ? link : resolve(projectRoot, link);
}

const readSmall = (path: string): string | null =>
  readBoundedFile({ path, root: "/", pathGuard: null, maxBytes: 4096 });
