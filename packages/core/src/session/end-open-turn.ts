import type { SessionWriter } from "../store/session-record.ts";
import type { Store } from "../store/store.ts";
import { findUnfinishedTurn } from "./unfinished-turn.ts";

/**
 * Ends a turn that has no end where it was left: what it asked for is never run here. Gives the entry that is the leaf now;
 * null when there was nothing to end. `id` is a fresh one for the entry.
 */
export function endOpenTurn(
  store: Store,
  writer: SessionWriter,
  { leafId, id, nowMs }: { readonly leafId: string | null; readonly id: string; readonly nowMs: number },
): string | null {
  const last = leafId === null ? null : store.readEntry(leafId);
  if (last === null) return null;
  const open = findUnfinishedTurn([last], (entryId) => store.readEntry(entryId));
  if (open === null) return null;
  store.appendEntry(writer, {
    id,
    sessionId: writer.sessionId,
    parentId: last.id,
    turnId: open.turnId,
    createdAtMs: nowMs,
    content: { kind: "turn-end", outcome: { kind: "cancelled" } },
  });
  return id;
}
