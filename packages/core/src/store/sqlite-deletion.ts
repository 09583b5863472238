import { CoreError } from "../errors.ts";
import type { SessionWriter } from "./session-record.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { checkWriter } from "./sqlite-writer.ts";

/** Takes away what belongs to one session, within a transaction. Its row stays, empty: the id is never free again. */
export function deleteSession(connection: SqliteConnection, writer: SessionWriter): void {
  checkWriter(connection, writer);
  const { sessionId } = writer;
  const child = connection.get("SELECT 1 FROM sessions WHERE parent_id = ? AND deleted_at IS NULL LIMIT 1", sessionId);
  if (child !== undefined)
    throw new CoreError("store_rejected", `session ${sessionId} has children: delete them first`);

  const taken = `SELECT seq FROM entries WHERE session_id = ? AND id NOT IN (${keptEntries})`;
  const takenIds = `SELECT id FROM entries WHERE session_id = ? AND id NOT IN (${keptEntries})`;
  const own = [sessionId, sessionId, sessionId, sessionId, sessionId];
  connection.run(`DELETE FROM search WHERE rowid IN (SELECT seq * 2 FROM (${taken}))`, ...own);
  connection.run(
    `DELETE FROM search WHERE rowid IN (SELECT seq * 2 + 1 FROM tool_calls WHERE entry_id IN (${takenIds}))`,
    ...own,
  );
  connection.run(`DELETE FROM tool_calls WHERE entry_id IN (${takenIds})`, ...own);
  // Children before parents, or the key between them would refuse it.
  connection.run("PRAGMA defer_foreign_keys = ON");
  connection.run(`DELETE FROM entries WHERE seq IN (${taken})`, ...own);
  for (const table of tablesOfSession) connection.run(`DELETE FROM ${table} WHERE session_id = ?`, sessionId);
  connection.run(
    `UPDATE sessions SET deleted_at = updated_at, title = NULL, leaf_id = NULL, state_reason = NULL, parent_id = NULL
     WHERE id = ?`,
    sessionId,
  );
}

const tablesOfSession = [
  "drafts",
  "egress",
  "usage",
  "owned_files",
  "leases",
  "waits",
  "inputs",
  "live_events",
  "blob_references",
  "session_values",
  "tasks",
  "audit",
] as const;

/** The session's own entries that the path of another one leads through. */
const keptEntries = `
  WITH RECURSIVE kept (id) AS (
    SELECT leaf_id FROM sessions WHERE id <> ? AND leaf_id IN (SELECT id FROM entries WHERE session_id = ?)
    UNION
    SELECT parent.id FROM entries AS parent JOIN entries AS follower ON follower.parent_id = parent.id
      WHERE parent.session_id = ? AND follower.session_id <> ?
    UNION
    SELECT entries.parent_id FROM kept JOIN entries ON entries.id = kept.id WHERE entries.parent_id IS NOT NULL
  )
  SELECT id FROM kept`;
