import { resolve } from "node:path";
import picomatch from "picomatch";
import { SandboxError } from "../errors.ts";
import { toRealPath } from "./real-path.ts";

/** Paths below one directory that a pattern names. Plain data; `compileGlob` makes it match. */
export interface PathGlob {
  /** As the caller wrote it. */
  readonly text: string;
  /** Absolute, links resolved: everything before the first part that holds a wildcard. */
  readonly base: string;
  /** Relative to `base`, begins with a part that holds a wildcard. */
  readonly pattern: string;
}

/** True when a path is a pattern: it holds `*`, `?`, `[` or `{` that no backslash precedes. */
export function isGlob(path: string): boolean {
  return WILDCARD.test(path);
}

/**
 * Splits a pattern below the absolute directory `from` into where it begins and what it matches there. `**` is any number of directories; a pattern
 * that matches a directory covers everything in it; letter case does not count.
 *
 * @throws {SandboxError} `bad_policy` for `..` after a wildcard and for brackets that do not close.
 */
export function parsePathGlob(text: string, options: { readonly from: string; readonly pattern: string }): PathGlob {
  const parts = options.pattern.split("/");
  const first = parts.findIndex(isGlob);
  const rest = parts.slice(first).filter((part) => part !== "" && part !== ".");
  if (rest.includes("..")) throw badGlob(text, "no .. may follow a wildcard");
  const base = resolve(options.from, `./${parts.slice(0, first).map(removeEscapes).join("/")}`);
  const glob = Object.freeze({ text, base: toRealPath(base), pattern: rest.join("/").replace(/\*{3,}/g, "**") });
  compileGlob(glob);
  return glob;
}

/**
 * Makes a pattern match paths relative to its base. Pure.
 *
 * @throws {SandboxError} `bad_policy` for brackets that do not close.
 */
export function compileGlob({ pattern, text }: PathGlob): (relative: string) => boolean {
  try {
    // Names are only what they say: no groups, alternatives or negations but `[…]` and `{…}`. They may hold newlines, and the file system may
    // ignore case.
    return picomatch(pattern.replace(/(?<!\\)[()|!+](?![^[]*\])/g, "\\$&"), {
      dot: true,
      nonegate: true,
      noextglob: true,
      posix: true, // else "[!a]" is "!" or "a"
      strictBrackets: true,
      flags: "is",
    });
  } catch (cause) {
    throw badGlob(text, "a bracket does not close", { cause });
  }
}

/** Takes the meaning from what `isGlob` would see, so that a name stands for itself in a pattern. */
export function escapeWildcards(path: string): string {
  return path.replace(/[\\*?[\]{}]/g, "\\$&");
}

/** The name that a part without wildcards stands for. */
export function removeEscapes(path: string): string {
  return path.replace(/\\([\\*?[\]{}])/g, "$1");
}

const WILDCARD = /(?<!\\)[*?[{]/;

function badGlob(text: string, problem: string, options?: ErrorOptions): SandboxError {
  return new SandboxError("bad_policy", `not a pattern of paths: ${JSON.stringify(text)}: ${problem}`, options);
}
