import { lstatSync, unlinkSync } from "node:fs";
import { basename, dirname } from "node:path";
import { openDirectory } from "./open-directory.ts";

/**
 * Removes the empty files that bubblewrap made at `sockets`, paths in writable directories where sockets of this machine were: one that goes just when
 * it is mounted over leaves such a file, and its program could not make it anew. No link is followed.
 */
export function removeGhosts(sockets: readonly string[]): void {
  for (const path of sockets) {
    try {
      if (!isGhost(path)) continue;
      using parent = openDirectory(dirname(path));
      const entry = `${parent.path}/${basename(path)}`;
      if (isGhost(entry)) unlinkSync(entry);
    } catch {
      // Gone with its directory, or not ours: the program that had the socket sees to it.
    }
  }
}

function isGhost(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true && stats.size === 0 && stats.uid === process.getuid?.();
}
