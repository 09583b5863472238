import { mkdir } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { HeldDirectory } from "./held-directory.ts";
import type { Refusal } from "./refusal.ts";

/**
 * Makes `path` (absolute, links resolved) and what is missing above it, one in the other, so that a link put on the way
 * leads nowhere. Null when it is there; system errors are thrown.
 */
export async function makeDirectories(path: string): Promise<Refusal | null> {
  const opened = await openOrMake(path);
  if (opened.kind === "refusal") return opened;
  await opened[Symbol.asyncDispose]();
  return null;
}

async function openOrMake(path: string): Promise<HeldDirectory | Refusal> {
  try {
    return await HeldDirectory.open(path);
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (!isMissing || path === dirname(path)) throw error;
  }
  const parent = await openOrMake(dirname(path));
  if (parent.kind === "refusal") return parent;
  await using held = parent;
  try {
    await mkdir(held.entry(basename(path)));
  } catch (error) {
    // Someone else made it meanwhile.
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  return await held.descend(basename(path));
}
