import { type Dirent, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { SECRET_HOME_PATHS } from "./always-denied.ts";
import { isWithin, toRealPath } from "./real-path.ts";

/** `/root` and what `/home` holds, for root, who could read them. Empty for anyone else, whom file permissions keep out. */
export function listHomes(): string[] {
  return process.getuid?.() === 0 ? ["/root", ...listNames("/home")] : [];
}

/**
 * What to hide of the `homes` that are not the user's own `home`: each one whole, or only its secrets where a `needed` path lies in it.
 * Absent ones are left out; links are resolved.
 */
export function hideOtherHomes(options: {
  readonly homes: readonly string[];
  readonly home: string;
  readonly needed: readonly string[];
}): string[] {
  const others = new Set(options.homes.map(toRealPath).filter((path) => path !== options.home && isDirectory(path)));
  return [...others].flatMap((other) =>
    [options.home, ...options.needed].some((path) => isWithin(other, path))
      ? SECRET_HOME_PATHS.map((name) => toRealPath(join(other, name)))
      : [other],
  );
}

function listNames(directory: string): string[] {
  try {
    const isHome = (entry: Dirent): boolean => entry.isDirectory() || entry.isSymbolicLink();
    return readdirSync(directory, { withFileTypes: true })
      .filter(isHome)
      .map((entry) => join(directory, entry.name));
  } catch {
    return []; // there is none
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
