import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { HeldDirectory } from "./held-directory.ts";
import { type Refusal, refuse } from "./refusal.ts";

/** A regular file open for reading. The caller closes it. */
export interface OpenFile extends AsyncDisposable {
  readonly kind: "file";
  readonly handle: FileHandle;
  readonly stats: BigIntStats;
}

/**
 * Opens `path` (absolute, links resolved) for reading, and only if a regular file is there: a link put in its place,
 * a directory, FIFO, socket or device is refused without waiting on it. System errors (`ENOENT`, `EACCES`) are thrown.
 */
export async function openRegularFile(path: string): Promise<OpenFile | Refusal> {
  const directory = await HeldDirectory.open(dirname(path));
  if (directory.kind === "refusal") return directory;
  await using held = directory;
  const handle = await openEntry(held.entry(basename(path)));
  if (handle === null) return refuse(`${path} is not a regular file`);
  try {
    const stats = await handle.stat({ bigint: true });
    if (stats.isFile()) return { kind: "file", handle, stats, [Symbol.asyncDispose]: () => handle.close() };
    await handle.close();
    return refuse(stats.isDirectory() ? `${path} is a directory, not a file` : `${path} is not a regular file`);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function openEntry(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ELOOP" || code === "ENXIO") return null; // a link; a socket
    throw error;
  }
}
