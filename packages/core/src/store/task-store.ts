import type { SessionWriter } from "./session-record.ts";

export type TaskStatus = "pending" | "in-progress" | "completed" | "cancelled";
export type TaskPriority = "high" | "medium" | "low";

/** One line of a session's checklist. */
export interface TaskItem {
  readonly id: string;
  readonly text: string;
  readonly status: TaskStatus;
  readonly priority: TaskPriority;
}

export interface TaskStore {
  /** In their order. */
  readTasks(sessionId: string): readonly TaskItem[];
  /** Replaces the whole list. */
  writeTasks(writer: SessionWriter, tasks: readonly TaskItem[], nowMs: number): void;
}
