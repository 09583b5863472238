import { z } from "zod";
import type { JournalStore } from "./journal-store.ts";
import { parseRow } from "./parse-row.ts";
import { createCallStore } from "./sqlite-calls.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { createEgressStore } from "./sqlite-egress.ts";
import { createEntryStore } from "./sqlite-entries.ts";
import { createSearch } from "./sqlite-search.ts";
import { checkWriter } from "./sqlite-writer.ts";

export function createJournalStore(connection: SqliteConnection): JournalStore {
  return {
    ...createEntryStore(connection),
    ...createCallStore(connection),
    ...createEgressStore(connection),
    search: createSearch(connection),
    readOwnedFiles: (sessionId) =>
      connection
        .all("SELECT path FROM owned_files WHERE session_id = ? ORDER BY path", sessionId)
        .map((row) => parseRow(pathRow, row).path),
    writeOwnedFiles: (writer, paths) =>
      connection.transaction(() => {
        checkWriter(connection, writer);
        connection.run("DELETE FROM owned_files WHERE session_id = ?", writer.sessionId);
        for (const path of new Set(paths)) {
          connection.run("INSERT INTO owned_files (session_id, path) VALUES (?, ?)", writer.sessionId, path);
        }
      }),
    readValue(sessionId, name) {
      const row = connection.get("SELECT json FROM session_values WHERE session_id = ? AND name = ?", sessionId, name);
      return row === undefined ? null : parseRow(valueRow, row).json;
    },
    writeValue: (writer, name, json) =>
      connection.transaction(() => {
        checkWriter(connection, writer);
        connection.run(
          "INSERT OR REPLACE INTO session_values (session_id, name, json) VALUES (?, ?, ?)",
          writer.sessionId,
          name,
          json,
        );
      }),
  };
}

const pathRow = z.object({ path: z.string() });
const valueRow = z.object({ json: z.string() });
