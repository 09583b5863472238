import { CoreError } from "../errors.ts";
import type { SessionWriter } from "./session-record.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { checkWriter } from "./sqlite-writer.ts";

/**
 * Takes away what belongs to one session, within a transaction. Its row stays, empty: the id is never free again. No
 * path of another session leads through its entries, since one with children is refused, and so are all above it.
 */
export function deleteSession(connection: SqliteConnection, writer: SessionWriter): void {
  checkWriter(connection, writer);
  const { sessionId } = writer;
  const child = connection.get("SELECT 1 FROM sessions WHERE parent_id = ? AND deleted_at IS NULL LIMIT 1", sessionId);
  if (child !== undefined)
    throw new CoreError("store_rejected", `session ${sessionId} has children: delete them first`);

  connection.run(
    `DELETE FROM search WHERE rowid IN (SELECT seq * 2 FROM entries WHERE session_id = ?
       UNION ALL SELECT seq * 2 + 1 FROM tool_calls WHERE session_id = ?)`,
    sessionId,
    sessionId,
  );
  // Or the words would stay in the index until it is merged by itself.
  connection.run("INSERT INTO search (search) VALUES ('optimize')");
  // Children before parents, or the key between them would refuse it.
  connection.run("PRAGMA defer_foreign_keys = ON");
  for (const table of tablesOfSession) connection.run(`DELETE FROM ${table} WHERE session_id = ?`, sessionId);
  connection.run(
    `UPDATE sessions SET deleted_at = updated_at, title = NULL, leaf_id = NULL, state_reason = NULL, parent_id = NULL
     WHERE id = ?`,
    sessionId,
  );
}

/** Not its usage: what was spent stays spent. */
const tablesOfSession = [
  "tool_calls",
  "entries",
  "drafts",
  "egress",
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
