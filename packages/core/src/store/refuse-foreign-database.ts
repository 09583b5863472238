import { CoreError } from "../errors.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

/** `Koda` in ASCII: what SQLite keeps in a file to say whose it is. */
export const applicationId = 0x4b_6f_64_61;

/**
 * Lets an empty database pass, and one of ours, also of a version that had no mark yet.
 *
 * @throws {CoreError} `store_failed` for a database of another program, which is left as it is.
 */
export function refuseForeignDatabase(connection: SqliteConnection): void {
  const mark = connection.readPragma("application_id");
  if (mark === applicationId) return;
  const tables = connection
    .all("SELECT name FROM sqlite_schema WHERE type = 'table'")
    .map((row) => (typeof row === "object" && row !== null && "name" in row ? row.name : null));
  const isOurs = tables.length === 0 || oldestTables.every((name) => tables.includes(name));
  if (mark === 0 && isOurs) return;
  throw new CoreError("store_failed", `database ${connection.path} belongs to another program`);
}

const oldestTables = ["sessions", "entries", "tool_calls", "egress", "permission_rules", "host_rules"];
