import { lstat, readlink, realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { CoreError } from "../errors.ts";

/** As Linux: a longer chain of links is a loop. */
const maxLinks = 40;

/**
 * A path as the model wrote it → absolute, links resolved as far as they exist. What does not exist yet is kept as written,
 * so the answer is where the kernel would create it. `..` is taken out before links are followed.
 * With `finalLink: "keep"` a link in the last place stays itself: what deleting needs.
 * Where the way is a loop or may not be searched, the rest is kept as written; using it fails the same way.
 *
 * @throws {CoreError} `bad_path` for an empty path or one with a NUL.
 */
export async function resolvePath(
  path: string,
  options: { readonly projectRoot: string; readonly finalLink?: "follow" | "keep" | undefined },
): Promise<string> {
  if (path === "" || path.includes("\0")) throw new CoreError("bad_path", `not a path: ${JSON.stringify(path)}`);
  const absolute = resolve(options.projectRoot, path);
  if (options.finalLink !== "keep" || absolute === dirname(absolute)) return resolveLinks(absolute, maxLinks);
  return join(await resolveLinks(dirname(absolute), maxLinks), basename(absolute));
}

/** True for the root itself and everything below it; both absolute, links resolved. A common prefix is not enough. */
export function isInside(root: string, path: string): boolean {
  const rest = relative(root, path);
  return rest === "" || (rest !== ".." && !rest.startsWith(`..${sep}`) && !isAbsolute(rest));
}

/** How a path is shown: relative to the project when inside, `.` for the root, else absolute. */
export function displayPath(projectRoot: string, path: string): string {
  return isInside(projectRoot, path) ? relative(projectRoot, path) || "." : path;
}

async function resolveLinks(absolute: string, linksLeft: number): Promise<string> {
  try {
    return await realpath(absolute);
  } catch {
    // Missing, looping or unsearchable: go on part by part. Nothing is granted here; the path is judged as it comes out.
  }
  const parent = dirname(absolute);
  if (parent === absolute || linksLeft === 0) return absolute;
  const here = join(await resolveLinks(parent, linksLeft), basename(absolute));
  const target = await linkTarget(here);
  return target === null ? here : resolveLinks(resolve(dirname(here), target), linksLeft - 1);
}

async function linkTarget(path: string): Promise<string | null> {
  try {
    return (await lstat(path)).isSymbolicLink() ? await readlink(path) : null;
  } catch {
    return null; // it does not exist, so it is no link
  }
}
