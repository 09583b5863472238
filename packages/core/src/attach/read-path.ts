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
  know(sessionId);
  const path: Entry[] = [];
  for (let id = leafId; id !== null; ) {
    if (!known.has(id)) {
      const elsewhere = store.readEntry(id);
      if (elsewhere !== null) know(elsewhere.sessionId);
    }
    const entry = known.get(id);
    if (entry === undefined) break;
    // Met once: entries that follow each other in a circle, which no store makes, do not keep this from ending.
    known.delete(id);
    path.push(entry);
    id = entry.parentId;
  }
  return path.reverse();
}
