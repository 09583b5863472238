import { z } from "zod";
import { parseRow } from "./parse-row.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { touchAsWriter } from "./sqlite-writer.ts";
import type { TaskItem, TaskStore } from "./task-store.ts";

export function createTaskStore(connection: SqliteConnection): TaskStore {
  return {
    readTasks: (sessionId) =>
      connection
        .all("SELECT id, text, status, priority FROM tasks WHERE session_id = ? ORDER BY position", sessionId)
        .map((row) => parseRow(taskRow, row)),
    writeTasks: (writer, tasks, nowMs) =>
      connection.transaction(() => {
        touchAsWriter(connection, writer, nowMs);
        connection.run("DELETE FROM tasks WHERE session_id = ?", writer.sessionId);
        for (const [position, task] of tasks.entries()) {
          connection.run(
            "INSERT INTO tasks (session_id, position, id, text, status, priority) VALUES (?, ?, ?, ?, ?, ?)",
            writer.sessionId,
            position,
            task.id,
            task.text,
            task.status,
            task.priority,
          );
        }
      }),
  };
}

const taskRow: z.ZodType<TaskItem> = z.object({
  id: z.string(),
  text: z.string(),
  status: z.enum(["pending", "in-progress", "completed", "cancelled"]),
  priority: z.enum(["high", "medium", "low"]),
});
