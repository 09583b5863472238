import { expect, test } from "vitest";
import { CoreError } from "../errors.ts";
import type { EngineEvent } from "../events/engine-event.ts";
import type { SessionWriter } from "../store/session-record.ts";
import type { TaskItem, TaskStore } from "../store/task-store.ts";
import { SessionTasks } from "./session-tasks.ts";

test("setting replaces the whole list, stores it and says so once, with the session and the new list", () => {
  const { tasks, events, writes } = openTasks();
  tasks.set([{ text: "old" }]);
  events.length = 0;
  const set = tasks.set([{ id: "a", text: "read", status: "done" }, { text: "write" }]);
  expect(set).toEqual([
    { id: "a", text: "read", status: "completed", priority: "medium" },
    { id: "2", text: "write", status: "pending", priority: "medium" },
  ]);
  expect(tasks.get()).toEqual(set);
  expect(events).toEqual([{ type: "tasks-updated", sessionId: "s1", tasks: set }]);
  expect(writes).toEqual([1, 2]);
});

test("pending tasks and those in progress are active; completed and cancelled ones are not", () => {
  const { tasks } = openTasks();
  expect(tasks.activeCount()).toBe(0);
  tasks.set(["pending", "in_progress", "done", "canceled"].map((status) => ({ text: status, status })));
  expect(tasks.activeCount()).toBe(2);
});

test("another opening of the session finds the list", () => {
  const { tasks, store } = openTasks();
  tasks.set([{ text: "go on" }]);
  expect(openTasks(store).tasks.get()).toEqual(tasks.get());
});

test("a list that cannot be stored is not announced", () => {
  const { tasks, events } = openTasks({
    readTasks: () => [],
    writeTasks: () => {
      throw new CoreError("store_failed", "the disk is full");
    },
  });
  expect(() => tasks.set([{ text: "a" }])).toThrow(expect.objectContaining({ code: "store_failed" }));
  expect(events).toEqual([]);
});

function openTasks(store: TaskStore = fakeStore()): {
  readonly tasks: SessionTasks;
  readonly events: EngineEvent[];
  readonly writes: readonly number[];
  readonly store: TaskStore;
} {
  const events: EngineEvent[] = [];
  const writes: number[] = [];
  const noting: TaskStore = {
    readTasks: (sessionId) => store.readTasks(sessionId),
    writeTasks(...write) {
      writes.push(write[2]);
      store.writeTasks(...write);
    },
  };
  let clock = 0;
  const writer: SessionWriter = { sessionId: "s1", fence: 1 };
  const tasks = new SessionTasks({ store: noting, writer, now: () => ++clock, emit: (event) => events.push(event) });
  return { tasks, events, writes, store };
}

function fakeStore(): TaskStore {
  const lists = new Map<string, readonly TaskItem[]>();
  return {
    readTasks: (sessionId) => lists.get(sessionId) ?? [],
    writeTasks: (writer, tasks) => void lists.set(writer.sessionId, tasks),
  };
}
