import { checkRow, toKept } from "./memory-checks.ts";
import { type OpenTables, touchWritable } from "./memory-tables.ts";
import type { TaskStore } from "./task-store.ts";

export function createMemoryTasks(open: OpenTables): TaskStore {
  return {
    readTasks: (sessionId) => open().sessions.get(sessionId)?.tasks ?? [],
    writeTasks(writer, tasks, nowMs) {
      const tables = open();
      for (const { status, priority } of tasks) {
        checkRow({
          chosen: [
            [status, "pending in-progress completed cancelled"],
            [priority, "high medium low"],
          ],
        });
      }
      tables.log.transaction(() =>
        tables.log.assign(touchWritable(tables, writer, nowMs), { tasks: toKept([...tasks]) }),
      );
    },
  };
}
