import { CoreError } from "../errors.ts";
import { backUpDatabase } from "./back-up-database.ts";
import { firstTables } from "./migrations/0001-first-tables.ts";
import { portConnections } from "./migrations/0002-port-connections.ts";
import { lastingSessions } from "./migrations/0003-lasting-sessions.ts";
import { applicationId } from "./refuse-foreign-database.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

/** Migration n brings a database from version n to n + 1. A released one is never edited. */
const migrations: readonly string[] = [firstTables, portConnections, lastingSessions];

/**
 * Brings a database to the version that this program knows; several processes may try at once. One that has been in use
 * is copied first, to `….v2.backup` beside it for version 2. Without the copy nothing is migrated.
 *
 * @throws {CoreError} `store_newer` when a later program has written it; nothing is changed then.
 */
export function migrate(connection: SqliteConnection): void {
  if (isReady(connection)) return;
  connection.patientTransaction(() => {
    if (isReady(connection)) return;
    const version = readVersion(connection);
    if (version > 0 && version < migrations.length)
      backUpDatabase(connection.path, `${connection.path}.v${version}.backup`);
    for (const sql of migrations.slice(version)) connection.execute(sql);
    connection.execute(`PRAGMA user_version = ${migrations.length}`);
    connection.execute(`PRAGMA application_id = ${applicationId}`);
  });
}

function isReady(connection: SqliteConnection): boolean {
  return readVersion(connection) === migrations.length && connection.readPragma("application_id") === applicationId;
}

function readVersion(connection: SqliteConnection): number {
  const version = connection.readPragma("user_version");
  if (version > migrations.length) {
    throw new CoreError(
      "store_newer",
      `the database has version ${version}, this program knows up to ${migrations.length}: update Koda to open it`,
    );
  }
  return version;
}
