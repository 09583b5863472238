import { CoreError } from "../errors.ts";
import type { SessionWriter } from "./session-record.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

/**
 * Refuses a writer whose lease was followed by a later one. Within the transaction that writes.
 *
 * @throws {CoreError} `lease_lost`; `store_rejected` when the session is not there, or deleted.
 */
export function checkWriter(connection: SqliteConnection, writer: SessionWriter): void {
  const row = connection.get("SELECT fence, deleted_at FROM sessions WHERE id = ?", writer.sessionId) as
    | { readonly fence: unknown; readonly deleted_at: unknown }
    | undefined;
  if (row !== undefined && row.fence !== writer.fence) {
    throw new CoreError("lease_lost", `another process writes to session ${writer.sessionId} now`);
  }
  if (row === undefined || row.deleted_at !== null) throw noSession(writer.sessionId);
}

/** As {@link checkWriter}, and the session was written to at `nowMs`. */
export function touchAsWriter(connection: SqliteConnection, writer: SessionWriter, nowMs: number): void {
  const touched = connection.run(
    "UPDATE sessions SET updated_at = max(updated_at, ?) WHERE id = ? AND fence = ? AND deleted_at IS NULL",
    nowMs,
    writer.sessionId,
    writer.fence,
  );
  if (touched === 0) checkWriter(connection, writer);
}

/** For the error that a session is not there. */
export function noSession(id: string): CoreError {
  return new CoreError("store_rejected", `no session ${JSON.stringify(id)} in this store`);
}
