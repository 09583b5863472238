import { CoreError } from "../errors.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

/**
 * Makes sure that an entry lies on a path of the session: that it is its own, or one that its own path leads through,
 * before the point where it was forked.
 *
 * @throws {CoreError} `store_rejected` when it does not, or is not there.
 */
export function checkOnPath(connection: SqliteConnection, sessionId: string, entryId: string): void {
  const own = connection.get("SELECT 1 FROM entries WHERE id = ? AND session_id = ?", entryId, sessionId);
  if (own !== undefined || connection.get(onInheritedPath, sessionId, sessionId, entryId) !== undefined) return;
  throw new CoreError("store_rejected", `entry ${entryId} is on no path of session ${sessionId}`);
}

/**
 * A table `path` of entry ids: from the session's leaf, and from where its own entries branch off, back to the first
 * entry of all. It takes the session's id twice.
 */
export const pathsOfSession: string = `
  WITH RECURSIVE path (id) AS (
    SELECT leaf_id FROM sessions WHERE id = ?
    UNION
    SELECT own.parent_id FROM entries AS own JOIN entries AS parent ON parent.id = own.parent_id
      WHERE own.session_id = ? AND parent.session_id <> own.session_id
    UNION
    SELECT entries.parent_id FROM path JOIN entries ON entries.id = path.id
  )`;

const onInheritedPath = `
  ${pathsOfSession}
  SELECT 1 FROM entries JOIN path ON path.id = entries.id WHERE entries.id = ?`;
