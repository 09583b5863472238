import { type OpenTables, touchWritable } from "./memory-tables.ts";
import type { TaskStore } from "./task-store.ts";

export function createMemoryTasks(open: OpenTables): TaskStore {
  return {
    readTasks: (sessionId) => open().sessions.get(sessionId)?.tasks ?? [],
    writeTasks(writer, tasks, nowMs) {
      const tables = open();
      tables.log.transaction(() => tables.log.assign(touchWritable(tables, writer, nowMs), { tasks: [...tasks] }));
    },
  };
}
