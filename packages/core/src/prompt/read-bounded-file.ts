import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, realpathSync } from "node:fs";
import { sep } from "node:path";
import type { PathGuard } from "../ports/path-guard.ts";

/**
 * The first `maxBytes` of a regular file as text. Null for anything else: absent, a device or pipe, a link that leads
 * out of `root`, a path that the guard protects.
 *
 * Synchronous: these are a few small files at the start of each turn, mostly absent, and handing each step of it to the
 * thread pool would take ten times as long as the reading.
 */
export function readBoundedFile(options: {
  readonly path: string;
  readonly root: string;
  readonly pathGuard: PathGuard | null;
  readonly maxBytes: number;
}): string | null {
  try {
    // The common case, without an exception made for it.
    if (lstatSync(options.path, { throwIfNoEntry: false }) === undefined) return null;
    const path = realpathSync.native(options.path);
    if (!path.startsWith(options.root.endsWith(sep) ? options.root : options.root + sep)) return null;
    if (options.pathGuard?.check(path, "read").kind === "deny") return null;
    return readRegular(path, options.maxBytes);
  } catch {
    // Context is a courtesy: a file that cannot be read is as good as absent, and the Read tool says why it cannot.
    return null;
  }
}

function readRegular(path: string, maxBytes: number): string | null {
  // Without O_NONBLOCK, opening a pipe would wait for a writer.
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) return null;
    const buffer = Buffer.alloc(Math.min(stats.size, maxBytes));
    return buffer.toString("utf8", 0, readSync(file, buffer, 0, buffer.length, 0));
  } finally {
    closeSync(file);
  }
}
