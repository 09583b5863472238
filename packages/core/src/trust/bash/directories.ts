import { resolve } from "node:path/posix";
import type { Word } from "./word.ts";

/** Where the shell may be after a command: if it succeeded, and in any case. Absolute directories, at least one each. */
export interface Directories {
  readonly afterSuccess: readonly string[];
  readonly afterAll: readonly string[];
}

/** More than a person can follow either. */
const maxDirectories = 16;

export function staying(directories: readonly string[]): Directories {
  return { afterSuccess: directories, afterAll: directories };
}

export function unite(left: readonly string[], right: readonly string[]): readonly string[] {
  return [...new Set([...left, ...right])].slice(0, maxDirectories);
}

/** True when `left` and `right` are more places than are followed: nothing is known then. */
export function isTooMany(left: readonly string[], right: readonly string[]): boolean {
  return new Set([...left, ...right]).size > maxDirectories;
}

/** Where `cd` and `pushd` lead from each of `from`; null when the text does not say. `-`, a variable and `popd` do not. */
export function changeDirectory(
  args: readonly Word[],
  { from, home }: { readonly from: readonly string[]; readonly home: string },
): readonly string[] | null {
  const operands = args.filter((word) => word.value === null || !/^(?:-[LPe]+|--)$/.test(word.value));
  const [target, ...more] = operands;
  if (more.length > 0) return null;
  if (target === undefined) return [home];
  const { value, globAt } = target;
  if (value === null || value === "" || globAt !== -1 || /^[-+]/.test(value)) return null;
  return [...new Set(from.map((directory) => resolve(directory, value)))];
}
