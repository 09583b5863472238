import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { isWithin } from "../policy/real-path.ts";

export type LauncherSearch =
  | { readonly kind: "found"; readonly path: string }
  | { readonly kind: "missing"; readonly name: string }
  /** It exists, but whoever the sandbox is to hold could have written it. */
  | { readonly kind: "untrusted"; readonly name: string; readonly path: string; readonly reason: string };

export interface LauncherSearchOptions {
  readonly name: string;
  /** A PATH. Entries that are not absolute are passed over. */
  readonly searchPath: string;
  /** Directories a confined command may write: nothing in them is trusted. */
  readonly writableDirectories: readonly string[];
}

/** Finds a program that starts the sandbox, and so runs outside it. Only files that no confined command could have put there count. */
export function findLauncher(options: LauncherSearchOptions): LauncherSearch {
  let untrusted: LauncherSearch | null = null;
  for (const directory of options.searchPath.split(":")) {
    if (!isAbsolute(directory)) continue;
    const path = join(directory, options.name);
    if (!isExecutable(path)) continue;
    const reason = whyUntrusted(path, options.writableDirectories);
    if (reason === null) return { kind: "found", path }; // unresolved: some programs go by the name they are called
    untrusted ??= { kind: "untrusted", name: options.name, path, reason };
  }
  return untrusted ?? { kind: "missing", name: options.name };
}

const OTHERS_OR_GROUP_MAY_WRITE = 0o022;
const OTHERS_MAY_WRITE = 0o002;
const STICKY = 0o1000;
const SHARED_DIRECTORIES = ["/tmp", "/var/tmp", "/dev/shm"];

function whyUntrusted(path: string, writableDirectories: readonly string[]): string | null {
  const target = realpathSync(path);
  for (const place of [path, target]) {
    const directory = [...SHARED_DIRECTORIES, ...writableDirectories].find((parent) => isWithin(parent, place));
    if (directory !== undefined) return `it lies in ${directory}, where commands may write`;
  }
  const canBeReplaced = [path, target].some((place) => canOthersReplace(dirname(place)));
  if (canBeReplaced) return "others may replace it";
  const stats = statSync(target);
  if (stats.uid !== 0 && stats.uid !== process.getuid?.()) return "it belongs to another user";
  return (stats.mode & OTHERS_OR_GROUP_MAY_WRITE) === 0 ? null : "others may write it";
}

function canOthersReplace(directory: string): boolean {
  const { mode } = statSync(directory);
  return (mode & OTHERS_MAY_WRITE) !== 0 && (mode & STICKY) === 0;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // absent or not ours to run: the search goes on
  }
}
