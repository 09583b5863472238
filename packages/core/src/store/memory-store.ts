import { CoreError } from "../errors.ts";
import { createMemoryBlobs } from "./memory-blobs.ts";
import { createMemoryInputs } from "./memory-inputs.ts";
import { createMemoryItems } from "./memory-items.ts";
import { createMemoryJournal } from "./memory-journal.ts";
import { createMemoryLedger } from "./memory-ledger.ts";
import { createMemoryLive } from "./memory-live.ts";
import { createMemoryProject } from "./memory-project.ts";
import { createMemorySessions } from "./memory-sessions.ts";
import type { MemoryTables, OpenTables } from "./memory-tables.ts";
import { createMemoryTasks } from "./memory-tasks.ts";
import { createMemoryWaits } from "./memory-waits.ts";
import { refusePromise } from "./refuse-promise.ts";
import type { Store } from "./store.ts";
import { UndoLog } from "./undo-log.ts";

/** A store that lives as long as its process: for embedders who keep nothing, and for tests. */
export function createMemoryStore(): Store {
  let tables: MemoryTables | null = {
    log: new UndoLog(),
    sessions: new Map(),
    entries: new Map(),
    waits: new Map(),
    blobs: new Map(),
    memories: new Map(),
  };
  const open: OpenTables = () => {
    if (tables === null) throw new CoreError("store_failed", "the store was closed");
    return tables;
  };
  return {
    ...createMemorySessions(open),
    ...createMemoryJournal(open),
    ...createMemoryWaits(open),
    ...createMemoryInputs(open),
    ...createMemoryLive(open),
    ...createMemoryBlobs(open),
    ...createMemoryLedger(open),
    ...createMemoryTasks(open),
    ...createMemoryItems(open),
    ...createMemoryProject(() => open().log),
    backend: "memory",
    isDurable: false,
    together: (act) => open().log.transaction(() => refusePromise(act())),
    checkHealth: () => (tables === null ? "the store was closed" : null),
    close() {
      tables = null;
    },
  };
}
