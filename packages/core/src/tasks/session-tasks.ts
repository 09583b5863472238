import type { EngineSink } from "../events/engine-sink.ts";
import type { SessionWriter } from "../store/session-record.ts";
import type { TaskItem, TaskStore } from "../store/task-store.ts";
import { normalizeTasks, type TaskDraft } from "./normalize-tasks.ts";

export interface SessionTasksOptions {
  readonly store: TaskStore;
  readonly writer: SessionWriter;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly emit: EngineSink;
}

/** What a tool may do with the checklist of its session. */
export interface TaskList {
  get(): readonly TaskItem[];
  set(drafts: readonly TaskDraft[]): readonly TaskItem[];
}

/** The checklist of one session. It lies in the store, so it is there again when the session is resumed. */
export class SessionTasks implements TaskList {
  readonly #options: SessionTasksOptions;

  constructor(options: SessionTasksOptions) {
    this.#options = options;
  }

  /** In their order. */
  get(): readonly TaskItem[] {
    return this.#options.store.readTasks(this.#options.writer.sessionId);
  }

  /**
   * Replaces the whole list by `drafts`, as {@link normalizeTasks} reads them, and then says so, once. The result is
   * the new list.
   *
   * @throws {CoreError} what the store throws; the list is as it was then, and nothing is said.
   */
  set(drafts: readonly TaskDraft[]): readonly TaskItem[] {
    const { store, writer, now, emit } = this.#options;
    const tasks = normalizeTasks(drafts);
    store.writeTasks(writer, tasks, now());
    emit({ type: "tasks-updated", sessionId: writer.sessionId, tasks });
    return tasks;
  }

  activeCount(): number {
    return countActiveTasks(this.get());
  }
}

/** Those that are still to be done: pending or in progress. */
export function countActiveTasks(tasks: readonly TaskItem[]): number {
  return tasks.filter(({ status }) => status === "pending" || status === "in-progress").length;
}
