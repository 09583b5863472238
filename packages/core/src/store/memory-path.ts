import { CoreError } from "../errors.ts";
import type { MemoryTables } from "./memory-tables.ts";

/**
 * Makes sure that an entry lies on a path of the session: its own, or what its path leads through before it was forked.
 *
 * @throws {CoreError} `store_rejected` when it does not, or is not there.
 */
export function checkOnPath(tables: MemoryTables, sessionId: string, entryId: string): void {
  const { sessions, entries } = tables;
  if (entries.get(entryId)?.sessionId === sessionId) return;
  const session = sessions.get(sessionId);
  const ownParents = (session?.entryIds ?? []).map((id) => entries.get(id)?.parentId ?? null);
  const inherited = ownParents.filter((id) => id !== null && entries.get(id)?.sessionId !== sessionId);
  for (const start of new Set([session?.record.leafId ?? null, ...inherited])) {
    if (entries.has(entryId) && toPath(tables, start).has(entryId)) return;
  }
  throw new CoreError("store_rejected", `entry ${entryId} is on no path of session ${sessionId}`);
}

/** The ids from an entry back to the first of all. */
export function toPath({ entries }: MemoryTables, leafId: string | null): Set<string> {
  const path = new Set<string>();
  for (let id = leafId; id !== null && !path.has(id); id = entries.get(id)?.parentId ?? null) path.add(id);
  return path;
}
