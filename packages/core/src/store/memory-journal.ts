import type { JournalStore } from "./journal-store.ts";
import { createMemoryCalls } from "./memory-calls.ts";
import { checkRow, toKept } from "./memory-checks.ts";
import { createMemoryEntries } from "./memory-entries.ts";
import { searchMemory } from "./memory-search.ts";
import { needWritable, type OpenTables, touchWritable } from "./memory-tables.ts";
import { toWholeNumber } from "./whole-number.ts";

export function createMemoryJournal(open: OpenTables): JournalStore {
  return {
    ...createMemoryEntries(open),
    ...createMemoryCalls(open),
    recordConnection(writer, record, nowMs) {
      const tables = open();
      tables.log.transaction(() => {
        const session = touchWritable(tables, writer, nowMs);
        const { protocol, verdict, port, bytesUp, bytesDown } = record;
        checkRow({
          whole: [port, bytesUp, bytesDown],
          chosen: [
            [protocol, "http-connect http socks5 host-port publish"],
            [verdict, "allowed refused failed"],
          ],
        });
        tables.log.push(session.connections, toKept({ ...record, durationMs: toWholeNumber(record.durationMs) }));
      });
    },
    listConnections: (sessionId) => [...(open().sessions.get(sessionId)?.connections ?? [])],
    readOwnedFiles: (sessionId) => open().sessions.get(sessionId)?.ownedFiles ?? [],
    writeOwnedFiles(writer, paths) {
      const tables = open();
      tables.log.transaction(() =>
        tables.log.assign(needWritable(tables, writer), { ownedFiles: toKept([...new Set(paths)].sort()) }),
      );
    },
    readValue: (sessionId, name) => open().sessions.get(sessionId)?.values.get(name) ?? null,
    writeValue(writer, name, json) {
      const tables = open();
      tables.log.transaction(() => tables.log.set(needWritable(tables, writer).values, name, json));
    },
    search: (query, scope) => searchMemory(open(), query, scope),
  };
}
