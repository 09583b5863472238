import { CoreError } from "../errors.ts";
import type { MemoryTables } from "./memory-tables.ts";

/**
 * Makes sure that an entry lies on a path of the session: its own, or what its path leads through before it was forked.
 *
 * @throws {CoreError} `store_rejected` when it does not, or is not there.
 */
export function checkOnPath(tables: MemoryTables, sessionId: string, entryId: string): void {
  const { entries } = tables;
  if (entries.get(entryId)?.sessionId === sessionId) return;
  if (entries.has(entryId) && pathsOfSession(tables, sessionId).has(entryId)) return;
  throw new CoreError("store_rejected", `entry ${entryId} is on no path of session ${sessionId}`);
}

/** From the session's leaf, and from where its own entries branch off, back to the first entry of all. */
export function pathsOfSession(tables: MemoryTables, sessionId: string): Set<string> {
  const { sessions, entries } = tables;
  const session = sessions.get(sessionId);
  const ownParents = (session?.entryIds ?? []).map((id) => entries.get(id)?.parentId ?? null);
  const inherited = ownParents.filter((id) => id !== null && entries.get(id)?.sessionId !== sessionId);
  const starts = new Set([session?.record.leafId ?? null, ...inherited]);
  return new Set([...starts].flatMap((start) => [...toPath(tables, start)]));
}

/** The ids from an entry back to the first of all. */
export function toPath({ entries }: MemoryTables, leafId: string | null): Set<string> {
  const path = new Set<string>();
  for (let id = leafId; id !== null && !path.has(id); id = entries.get(id)?.parentId ?? null) path.add(id);
  return path;
}
