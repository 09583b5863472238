import { constants } from "node:fs";
import { open, realpath } from "node:fs/promises";
import { sep } from "node:path";
import type { PathGuard } from "../ports/path-guard.ts";

/**
 * The first `maxBytes` of a regular file as text. Null for anything else: absent, a device or pipe, a link that leads
 * out of `root`, a path that the guard protects.
 */
export async function readBoundedFile(options: {
  readonly path: string;
  readonly root: string;
  readonly pathGuard: PathGuard | null;
  readonly maxBytes: number;
}): Promise<string | null> {
  try {
    const path = await realpath(options.path);
    if (!path.startsWith(options.root.endsWith(sep) ? options.root : options.root + sep)) return null;
    if (options.pathGuard?.check(path, "read").kind === "deny") return null;
    // Without O_NONBLOCK, opening a pipe would wait for a writer.
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if (!(await file.stat()).isFile()) return null;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(options.maxBytes), 0, options.maxBytes, 0);
    return buffer.toString("utf8", 0, bytesRead);
  } catch {
    // Context is a courtesy: a file that cannot be read is as good as absent, and the Read tool says why it cannot.
    return null;
  }
}
