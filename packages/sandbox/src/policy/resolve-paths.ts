import { SandboxError } from "../errors.ts";
import { isGlob, type PathGlob, parsePathGlob, removeEscapes } from "./path-glob.ts";
import { toRealPath } from "./real-path.ts";

/** What a list of paths in a policy means. */
export interface ResolvedPaths {
  /** Absolute, links resolved. */
  readonly paths: readonly string[];
  readonly globs: readonly PathGlob[];
}

export interface ResolveOptions {
  /** Name of the list, for messages. */
  readonly name: string;
  readonly home: string;
  /** What relative paths are relative to. */
  readonly from: string;
  /** What a pattern that begins with a double star and a slash is about: each one. */
  readonly everywhere: readonly string[];
}

/**
 * Resolves the paths of one list: absolute, relative, or with `~/`; `.`, `..` and slashes at the end mean what they mean in a shell. One with a
 * wildcard is a pattern, and a path of that very spelling too, since names may hold such characters; a backslash before one makes it only that.
 *
 * @throws {SandboxError} `bad_policy` naming the list and the path: empty, no text, with a NUL, `~name/…`, a pattern that is none.
 */
export function resolvePaths(given: readonly string[] | undefined, options: ResolveOptions): ResolvedPaths {
  const { name, home, from, everywhere } = options;
  if (given !== undefined && !Array.isArray(given)) throw badPath(name, given, "wanted a list of paths");
  const paths: string[] = [];
  const globs: PathGlob[] = [];
  for (const text of given ?? []) {
    checkText(name, text);
    const isBelowHome = text === "~" || text.startsWith("~/");
    const start = text.startsWith("/") ? "/" : isBelowHome ? home : from;
    const rest = isBelowHome ? text.slice(2) : text;
    paths.push(toRealPath(`${start}/${removeEscapes(rest)}`));
    if (!isGlob(rest)) continue;
    const starts = text.startsWith("**/") ? everywhere : [start];
    globs.push(...starts.map((directory) => parsePathGlob(text, { from: directory, pattern: rest })));
  }
  return { paths: [...new Set(paths)], globs };
}

function checkText(name: string, text: unknown): void {
  if (typeof text !== "string") throw badPath(name, text, "wanted a path");
  if (text === "") throw badPath(name, text, "wanted a path that is not empty");
  if (text.includes("\0")) throw badPath(name, text, "no path holds a NUL");
  if (/^~[^/]/.test(text)) throw badPath(name, text, "only ~ and ~/… are known; write ./~… for a name that begins so");
}

function badPath(name: string, found: unknown, wanted: string): SandboxError {
  return new SandboxError("bad_policy", `${name}: found ${JSON.stringify(found)}: ${wanted}`);
}
