import { chmodSync, closeSync, fchmodSync, fstatSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { CoreError } from "../errors.ts";
import { migrate } from "./migrate.ts";
import { refuseForeignDatabase } from "./refuse-foreign-database.ts";
import { refusePromise } from "./refuse-promise.ts";
import { createBlobStore } from "./sqlite-blobs.ts";
import { SqliteConnection } from "./sqlite-connection.ts";
import { createInputStore } from "./sqlite-inputs.ts";
import { createJournalStore } from "./sqlite-journal.ts";
import { createLedgerStore } from "./sqlite-ledger.ts";
import { createLiveStore } from "./sqlite-live.ts";
import { createMemoryItemStore } from "./sqlite-memories.ts";
import { createProjectStore } from "./sqlite-project.ts";
import { createSessionStore } from "./sqlite-sessions.ts";
import { createTaskStore } from "./sqlite-tasks.ts";
import { createWaitStore } from "./sqlite-waits.ts";
import type { Store } from "./store.ts";

/**
 * Opens the database at `path`, and makes it when it is missing: the file for its owner alone (0600), a new
 * directory too (0700). Several processes may have it open. The caller closes it. One of an earlier version is migrated,
 * after a copy of it was made beside it.
 *
 * A write waits up to a second for another process's, and fails with `store_failed` then; taking a lease, and opening,
 * wait up to five.
 *
 * @throws {CoreError} `store_newer` when a later version of Koda wrote it, `store_failed` when it cannot be used, or is
 * the database of another program.
 */
export function openSqliteStore(path: string): Store {
  secureFile(path);
  const connection = new SqliteConnection(path);
  try {
    refuseForeignDatabase(connection);
    connection.useWriteAheadLog();
    migrate(connection);
    return {
      ...createSessionStore(connection),
      ...createJournalStore(connection),
      ...createWaitStore(connection),
      ...createInputStore(connection),
      ...createLiveStore(connection),
      ...createBlobStore(connection),
      ...createLedgerStore(connection),
      ...createTaskStore(connection),
      ...createMemoryItemStore(connection),
      ...createProjectStore(connection),
      backend: "sqlite",
      isDurable: true,
      together: (act) => connection.transaction(() => refusePromise(act())),
      checkHealth: () => checkHealth(connection),
      close: () => connection.close(),
    };
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** A write that is kept, and then taken away: one that is not committed needs no room on the disk. */
function checkHealth(connection: SqliteConnection): string | null {
  try {
    connection.run("INSERT OR REPLACE INTO settings (key, value) VALUES ('health-check', ?)", "x".repeat(healthBytes));
    connection.run("DELETE FROM settings WHERE key = 'health-check'");
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return null;
}

/** More than a page of 4 KiB, so that a new one is needed. */
const healthBytes = 16_384;

/** SQLite gives its side files the mode of the main one, so that mode has to be right before it opens. */
function secureFile(path: string): void {
  try {
    const firstMade = mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    if (firstMade !== undefined) chmodSync(dirname(path), 0o700);
    const file = openSync(path, "a", 0o600);
    try {
      if ((fstatSync(file).mode & 0o077) !== 0) fchmodSync(file, 0o600);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new CoreError("store_failed", `database ${path}: ${detail}`, { cause: error });
  }
}
