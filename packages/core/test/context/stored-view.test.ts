import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadView } from "../../src/context/load-view.ts";
import { selectShown } from "../../src/context/select-shown.ts";
import { createMemoryStore } from "../../src/store/memory-store.ts";
import type { SessionRecord } from "../../src/store/session-record.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import { anyPath, type EntryPath } from "./entry-path.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "koda-view-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

const stores: readonly { readonly name: string; readonly open: () => Store }[] = [
  { name: "SQLite", open: () => openSqliteStore(join(directory, "koda.db")) },
  { name: "memory", open: createMemoryStore },
];

/** Writes a path as a session would, under ids of its own. */
function write(store: Store, path: EntryPath, sessionId: string): string | null {
  const session: SessionRecord = {
    id: sessionId,
    projectRoot: "/project",
    title: null,
    providerId: "scripted",
    model: "m",
    mode: "auto",
    state: "active",
    stateReason: null,
    parentId: null,
    leafId: null,
    turnCount: 0,
    fence: 0,
    createdAtMs: 1,
    updatedAtMs: 1,
  };
  store.createSession(session);
  const owner = { token: sessionId, pid: 1, startMarker: "", place: "", renewedAtMs: 1 };
  const lease = store.acquireLease(sessionId, owner, () => true);
  if (lease.kind === "busy") throw new Error("a new session is busy");
  const own = (id: string | null) => (id === null ? null : `${sessionId}_${id}`);
  for (const entry of path.entries) {
    const { content } = entry;
    const id = `${sessionId}_${entry.id}`;
    const ownContent = content.kind === "summary" ? { ...content, keptFromId: own(content.keptFromId) } : content;
    store.appendEntry(lease.writer, { ...entry, id, sessionId, parentId: own(entry.parentId), content: ownContent });
    for (const { callId } of content.kind === "assistant" ? content.toolCalls : []) {
      const result = path.calls.get(callId)?.result;
      if (result) store.finishCall(lease.writer, callId, result, 1);
    }
  }
  return own(path.leafId);
}

test.each(stores)("a view comes from a store as it was shown, and the store has every entry: $name", ({ open }) => {
  const store = open();
  let count = 0;
  fc.assert(
    fc.property(anyPath, (path) => {
      const sessionId = `s${count++}`;
      const leafId = write(store, path, sessionId);
      const view = loadView(store, leafId, { maxChars: Number.POSITIVE_INFINITY });
      expect(view.entries.map(({ id }) => id)).toEqual(selectShown(path.entries).map(({ id }) => `${sessionId}_${id}`));
      const results = [...view.calls].map(([callId, { result }]) => [callId, result?.text]);
      expect(results).toEqual(results.map(([callId]) => [callId, path.calls.get(callId ?? "")?.result?.text]));
      expect(store.readEntries(sessionId)).toHaveLength(path.entries.length);
      expect(store.readCalls(sessionId)).toHaveLength(path.calls.size);
    }),
    { numRuns: 40 },
  );
  store.close();
});
