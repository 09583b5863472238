import type { Entry } from "../store/entry.ts";
import type { SessionWriter } from "../store/session-record.ts";
import type { Store } from "../store/store.ts";

/**
 * Ends the turn in which a path ends, if that has no end: what it asked for is never run from there. Whatever can be known
 * of the turn, so that no file and no branch goes on with what belongs elsewhere. Gives the entry that is the leaf now; null
 * when there was nothing to end. `id` is a fresh one for the entry.
 */
export function endOpenTurn(
  store: Store,
  writer: SessionWriter,
  { leafId, id, nowMs }: { readonly leafId: string | null; readonly id: string; readonly nowMs: number },
): string | null {
  const last = findLast(store, leafId);
  if (last === null || last.content.kind === "turn-end") return null;
  store.appendEntry(writer, {
    id,
    sessionId: writer.sessionId,
    parentId: leafId,
    turnId: last.turnId,
    createdAtMs: nowMs,
    content: { kind: "turn-end", outcome: { kind: "cancelled" } },
  });
  return id;
}

/** The last entry that is no summary: one may stand in the middle of a turn. */
function findLast(store: Store, leafId: string | null): Entry | null {
  let entry = leafId === null ? null : store.readEntry(leafId);
  while (entry?.content.kind === "summary") entry = entry.parentId === null ? null : store.readEntry(entry.parentId);
  return entry;
}
