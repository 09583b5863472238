import type { NamedPath } from "./command.ts";
import type { Word } from "./word.ts";

/** Programs whose operands are files that they change. */
const writers = new Set(
  "cp mv rm rmdir unlink shred truncate touch mkdir mknod mkfifo ln install tee chmod chown chgrp rsync dd patch".split(
    " ",
  ),
);

/**
 * The paths among the arguments of a program that is not known to only read: for one that changes its operands every operand,
 * for others what begins like a path outside (`/…`, with `..`), also after `=` and right after a one-letter option.
 */
export function namedPaths(program: string, args: readonly Word[]): readonly NamedPath[] {
  const isWriter = writers.has(program);
  const access = isWriter ? "write" : "read";
  return args.flatMap((word): readonly NamedPath[] => {
    if (word.value === null || word.value === "") return [];
    if (isWriter && program !== "dd" && !word.value.startsWith("-")) return [{ path: beforeGlob(word), access }];
    const path = pathIn(beforeGlob(word));
    return path === null ? [] : [{ path, access: program === "dd" && word.value.startsWith("of=") ? "write" : access }];
  });
}

function pathIn(value: string): string | null {
  for (const part of [value, value.slice(value.indexOf("=") + 1), value.replace(/^-\w/, "")]) {
    if (isPathLike(part)) return part;
  }
  return null;
}

function isPathLike(text: string): boolean {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return false;
  return text.startsWith("/") || (!/\s/.test(text) && text.split("/").includes(".."));
}

function beforeGlob({ value, globAt }: Word): string {
  if (value === null) return "";
  return globAt === -1 ? value : value.slice(0, value.lastIndexOf("/", globAt) + 1) || ".";
}
