import { CoreError } from "../errors.ts";
import type { Entry } from "./entry.ts";
import type { JournalStore } from "./journal-store.ts";
import { toKept } from "./memory-checks.ts";
import { checkOnPath } from "./memory-path.ts";
import {
  type MemorySession,
  type MemoryTables,
  needWritable,
  type OpenTables,
  touchWritable,
} from "./memory-tables.ts";

type EntryStore = Pick<JournalStore, "appendEntry" | "readEntry" | "readEntries" | "writeDraft" | "readDraft">;

export function createMemoryEntries(open: OpenTables): EntryStore {
  return {
    appendEntry(writer, entry, options) {
      const tables = open();
      tables.log.transaction(() => {
        const session = touchWritable(tables, writer, entry.createdAtMs);
        appendEntry(tables, session, entry);
        if (options?.acceptsInput !== undefined) acceptInput(tables, session, options.acceptsInput, entry.id);
      });
    },
    readEntry: (id) => open().entries.get(id) ?? null,
    readEntries(sessionId) {
      const { sessions, entries } = open();
      return (sessions.get(sessionId)?.entryIds ?? []).flatMap((id) => entries.get(id) ?? []);
    },
    writeDraft(writer, draft) {
      const tables = open();
      tables.log.transaction(() => tables.log.assign(needWritable(tables, writer), { draft: toKept(draft) }));
    },
    readDraft: (sessionId) => open().sessions.get(sessionId)?.draft ?? null,
  };
}

function appendEntry(tables: MemoryTables, session: MemorySession, entry: Entry): void {
  const { log, entries } = tables;
  if (entry.sessionId !== session.record.id) {
    throw new CoreError("store_rejected", `entry ${entry.id} is of another session: ${entry.sessionId}`);
  }
  if (entries.has(entry.id)) throw new CoreError("store_rejected", `entry ${entry.id} exists already`);
  if (entry.parentId !== null && entry.parentId !== session.record.leafId) {
    checkOnPath(tables, entry.sessionId, entry.parentId);
  }
  log.set(entries, entry.id, toKept(entry));
  log.push(session.entryIds, entry.id);
  log.assign(session, { record: { ...session.record, leafId: entry.id } });
  if (entry.content.kind !== "assistant") return;
  log.assign(session, { draft: null });
  for (const { callId, name } of entry.content.toolCalls) {
    if (session.calls.has(callId)) throw new CoreError("store_rejected", `call ${callId} exists already`);
    const record = {
      callId,
      entryId: entry.id,
      name,
      state: "requested",
      decision: null,
      attempts: 0,
      result: null,
    } as const;
    log.set(session.calls, callId, { record, finishedAtMs: 0 });
  }
}

function acceptInput({ log }: MemoryTables, session: MemorySession, inputId: string, entryId: string): void {
  const input = session.inputs.get(inputId);
  if (input?.state !== "waiting") {
    throw new CoreError("store_rejected", `input ${JSON.stringify(inputId)} does not wait`);
  }
  log.set(session.inputs, inputId, { ...input, state: "accepted", entryId });
}
