import { z } from "zod";
import { CoreError } from "../errors.ts";
import type { Draft, Entry } from "./entry.ts";
import { parseEntryContent } from "./entry-schema.ts";
import type { JournalStore } from "./journal-store.ts";
import { parseRow } from "./parse-row.ts";
import { toSearchableText } from "./searchable-text.ts";
import type { SessionWriter } from "./session-record.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { checkOnPath } from "./sqlite-path.ts";
import { indexEntry } from "./sqlite-search.ts";
import { checkWriter, touchAsWriter } from "./sqlite-writer.ts";

type EntryStore = Pick<JournalStore, "appendEntry" | "readEntry" | "readEntries" | "writeDraft" | "readDraft">;

export function createEntryStore(connection: SqliteConnection): EntryStore {
  return {
    appendEntry: (writer, entry, options) =>
      connection.transaction(() => {
        appendEntry(connection, writer, entry);
        if (options?.acceptsInput !== undefined) acceptInput(connection, entry, options.acceptsInput);
      }),
    readEntry(id) {
      const row = connection.get(`SELECT ${entryColumns} FROM entries WHERE id = ?`, id);
      return row === undefined ? null : toEntry(row);
    },
    readEntries: (sessionId) =>
      connection.all(`SELECT ${entryColumns} FROM entries WHERE session_id = ? ORDER BY seq`, sessionId).map(toEntry),
    writeDraft: (writer, draft) =>
      connection.transaction(() => {
        checkWriter(connection, writer);
        if (draft === null) {
          connection.run("DELETE FROM drafts WHERE session_id = ?", writer.sessionId);
          return;
        }
        connection.run(
          "INSERT OR REPLACE INTO drafts (session_id, turn_id, text, thinking) VALUES (?, ?, ?, ?)",
          writer.sessionId,
          draft.turnId,
          draft.text,
          draft.thinking,
        );
      }),
    readDraft(sessionId) {
      const row = connection.get(
        "SELECT turn_id AS turnId, text, thinking FROM drafts WHERE session_id = ?",
        sessionId,
      );
      return row === undefined ? null : parseRow(draftRow, row);
    },
  };
}

function appendEntry(connection: SqliteConnection, writer: SessionWriter, entry: Entry): void {
  touchAsWriter(connection, writer, entry.createdAtMs);
  if (entry.sessionId !== writer.sessionId) {
    throw new CoreError(
      "store_rejected",
      `entry ${entry.id} is of session ${entry.sessionId}, not ${writer.sessionId}`,
    );
  }
  if (entry.parentId !== null) checkParent(connection, entry.sessionId, entry.parentId);
  const seq = connection.insert(
    `INSERT INTO entries (id, session_id, parent_id, turn_id, kind, content, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    entry.id,
    entry.sessionId,
    entry.parentId,
    entry.turnId,
    entry.content.kind,
    JSON.stringify(entry.content),
    entry.createdAtMs,
  );
  connection.run("UPDATE sessions SET leaf_id = ? WHERE id = ?", entry.id, entry.sessionId);
  const text = toSearchableText(entry.content);
  if (text !== null) indexEntry(connection, seq, text);
  if (entry.content.kind !== "assistant") return;
  connection.run("DELETE FROM drafts WHERE session_id = ?", entry.sessionId);
  for (const call of entry.content.toolCalls) {
    connection.run(
      "INSERT INTO tool_calls (session_id, call_id, entry_id, name, state, requested_at) VALUES (?, ?, ?, ?, 'requested', ?)",
      entry.sessionId,
      call.callId,
      entry.id,
      call.name,
      entry.createdAtMs,
    );
  }
}

/** Nearly always the leaf, and then there is nothing to look for. */
function checkParent(connection: SqliteConnection, sessionId: string, parentId: string): void {
  const isLeaf = connection.get("SELECT 1 FROM sessions WHERE id = ? AND leaf_id = ?", sessionId, parentId);
  if (isLeaf === undefined) checkOnPath(connection, sessionId, parentId);
}

function acceptInput(connection: SqliteConnection, entry: Entry, inputId: string): void {
  const accepted = connection.run(
    "UPDATE inputs SET state = 'accepted', entry_id = ? WHERE session_id = ? AND id = ? AND state = 'waiting'",
    entry.id,
    entry.sessionId,
    inputId,
  );
  if (accepted === 0) throw new CoreError("store_rejected", `input ${JSON.stringify(inputId)} does not wait`);
}

const entryColumns = `id, session_id AS sessionId, parent_id AS parentId, turn_id AS turnId, content,
  created_at AS createdAtMs`;

function toEntry(row: unknown): Entry {
  const { content, ...entry } = parseRow(entryRow, row);
  return { ...entry, content: parseEntryContent(content) };
}

const entryRow = z.object({
  id: z.string(),
  sessionId: z.string(),
  parentId: z.string().nullable(),
  turnId: z.string(),
  content: z.string(),
  createdAtMs: z.number(),
});

const draftRow: z.ZodType<Draft> = z.object({ turnId: z.string(), text: z.string(), thinking: z.string() });
