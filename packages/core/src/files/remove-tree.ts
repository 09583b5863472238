import { readdir, rmdir, unlink } from "node:fs/promises";
import type { HeldDirectory } from "./held-directory.ts";

/**
 * Deletes the directory `name` in `parent` and all in it. Each directory is held open while it is emptied, so that one
 * swapped for a link meanwhile ends the deletion with a system error instead of leading it elsewhere.
 */
export async function removeTree(parent: HeldDirectory, name: string): Promise<void> {
  await empty(parent, name);
  await rmdir(parent.entry(name));
}

async function empty(parent: HeldDirectory, name: string): Promise<void> {
  await using directory = await parent.descend(name);
  for (const entry of await readdir(directory.entry("."), { withFileTypes: true })) {
    if (entry.isDirectory()) await removeTree(directory, entry.name);
    else await unlink(directory.entry(entry.name));
  }
}
