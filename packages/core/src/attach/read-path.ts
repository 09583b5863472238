import type { Entry } from "../store/entry.ts";
import type { JournalStore } from "../store/journal-store.ts";

/** The entries from the first to `leafId`. The path of a session that was forked begins in another one. */
export function readPath(
  store: Pick<JournalStore, "readEntries" | "readEntry">,
  sessionId: string,
  leafId: string | null,
): readonly Entry[] {
  const known = new Map<string, Entry>();
  const know = (id: string): void => {
    for (const entry of store.readEntries(id)) known.set(entry.id, entry);
  };
  const find = (id: string): Entry | undefined => {
    if (!known.has(id)) {
      const elsewhere = store.readEntry(id);
      if (elsewhere !== null) know(elsewhere.sessionId);
    }
    return known.get(id);
  };
  know(sessionId);
  // In order, each once: entries that follow each other in a circle, which no store makes, do not keep this from ending.
  const path = new Map<string, Entry>();
  for (let id = leafId; id !== null && !path.has(id); ) {
    const entry = find(id);
    if (entry === undefined) break;
    path.set(id, entry);
    id = entry.parentId;
  }
  return [...path.values()].reverse();
}
