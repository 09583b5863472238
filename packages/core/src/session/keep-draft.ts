import type { SessionWriter } from "../store/session-record.ts";
import type { Store } from "../store/store.ts";

/** What a killed process had of an answer becomes a cut one. Does nothing where there is none. */
export function keepDraft(
  store: Store,
  writer: SessionWriter,
  { id, nowMs }: { readonly id: () => string; readonly nowMs: number },
): void {
  const { sessionId } = writer;
  const draft = store.readDraft(sessionId);
  if (draft === null) return;
  const { turnId, text, thinking } = draft;
  store.appendEntry(writer, {
    id: id(),
    sessionId,
    parentId: store.readSession(sessionId)?.leafId ?? null,
    turnId,
    createdAtMs: nowMs,
    content: { kind: "assistant", text, thinking, toolCalls: [], isComplete: false },
  });
}
