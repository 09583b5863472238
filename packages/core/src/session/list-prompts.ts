import { readPath } from "../attach/read-path.ts";
import type { JournalStore } from "../store/journal-store.ts";
import type { SessionRecord } from "../store/session-record.ts";

/** A prompt on the path of a session, and where to go back to in order to have it unsaid. */
export interface PastPrompt {
  readonly entryId: string;
  /** The entry that it follows; null for the first of all. */
  readonly beforeId: string | null;
  readonly text: string;
}

/** The prompts of a session as it is now, the oldest first; those before a fork too. What was rewound is not among them. */
export function listPrompts(
  store: Pick<JournalStore, "readEntries" | "readEntry">,
  { id, leafId }: Pick<SessionRecord, "id" | "leafId">,
): readonly PastPrompt[] {
  return readPath(store, id, leafId).flatMap(({ id: entryId, parentId, content }) =>
    content.kind === "user" && content.source === "prompt" ? [{ entryId, beforeId: parentId, text: content.text }] : [],
  );
}
