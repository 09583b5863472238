import { createHash, randomBytes } from "node:crypto";
import { readdir, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { HeldDirectory } from "./held-directory.ts";

/** The name of a new file until it is moved to its place. That of one call is told from those of others. */
export function temporaryName(callKey: string): string {
  return `${prefixOf(callKey)}${randomBytes(6).toString("hex")}.tmp`;
}

/**
 * Takes away what a call that was killed has left beside the file at `path` (absolute, links resolved): a new one that it
 * had not moved to its place yet, or whose first name it had not taken away. What cannot be looked at or removed stays.
 */
export async function removeTemporaries(path: string, callKey: string): Promise<void> {
  try {
    const opened = await HeldDirectory.open(dirname(path));
    if (opened.kind === "refusal") return;
    await using held = opened;
    const prefix = prefixOf(callKey);
    const names = (await readdir(held.entry("."))).filter((name) => name.startsWith(prefix) && name.endsWith(".tmp"));
    for (const name of names) await unlink(held.entry(name));
  } catch {
    // A directory that is gone has nothing left in it; any other reason is no worse than the file itself.
  }
}

const prefixOf = (callKey: string): string =>
  `.koda-${createHash("sha256").update(callKey).digest("hex").slice(0, 16)}-`;
