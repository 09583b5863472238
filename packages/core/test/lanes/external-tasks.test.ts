import { expect, test } from "vitest";
import { createInProcessEffects } from "../../src/effects/in-process-effects.ts";
import type { EngineEvent } from "../../src/events/engine-event.ts";
import { completeExternalTask, pendingExternalTasks } from "../../src/lanes/external-task.ts";
import { ExternalTasks, type TaskRun } from "../../src/lanes/external-tasks.ts";
import type { LaneHandler } from "../../src/lanes/lane-handler.ts";
import { MemoryWaits } from "./memory-waits.ts";

const sessionId = "s1";
const writer = { sessionId, fence: 1 };
const task = { callId: "call_1", lane: "execute", name: "Bash", input: { command: "ls" } } as const;
const taskId = "task_call_1";
const redact = (text: string) => text.replaceAll("hunter2", "[secret: it]");
const external: LaneHandler = { mode: "external", timeoutMs: 60_000 };

/** One process on a store. Its clock stands still, and a wait ends when the test says that the deadline is there. */
function openProcess(store = new MemoryWaits(), startMs = 1000) {
  const clock = { nowMs: startMs };
  const events: EngineEvent[] = [];
  const real = createInProcessEffects();
  const effects = {
    now: () => clock.nowMs,
    run: real.run,
    resolve: real.resolve,
    wait: <T>(key: string, { signal, deadlineMs = 0 }: Parameters<typeof real.wait>[1]) =>
      deadlineMs <= clock.nowMs ? Promise.resolve(null) : real.wait<T>(key, { signal }),
  };
  const tasks = new ExternalTasks({ store, writer, effects, emit: (event) => events.push(event) });
  const run = (changes: Partial<TaskRun<{ text: string; isError: boolean }>> = {}) =>
    tasks.run(task, {
      handler: external,
      turnId: "t1",
      signal: new AbortController().signal,
      execute: () => Promise.reject(new Error("it is not to be run here")),
      ...changes,
    });
  const passDeadline = (): void => {
    clock.nowMs += 60_000;
    effects.resolve(`${sessionId}/wait/${taskId}`, null);
  };
  return { store, tasks, events, clock, run, passDeadline };
}

const complete = (text: string, isError = false) => ({ type: "complete-task", taskId, text, isError }) as const;
const started = { type: "external-task", taskId, ...task, deadlineMs: 61_000 };
const ended = (outcome: string) => ({ type: "external-task-end", taskId, outcome });

test("a lane that is internal runs its calls here and tells nobody", async () => {
  const { run, events } = openProcess();
  const handler: LaneHandler = { mode: "internal", timeoutMs: 1 };
  const result = { text: "here", isError: false };
  expect(await run({ handler, execute: async () => result })).toBe(result);
  expect(events).toEqual([]);
});

test("a hybrid lane runs its calls here and tells their start and end", async () => {
  const { run, events, store } = openProcess();
  const handler: LaneHandler = { mode: "hybrid", timeoutMs: 60_000 };
  await run({ handler, execute: async () => ({ text: "here", isError: false }) });
  await run({ handler, execute: async () => ({ text: "no", isError: true }) });
  await expect(run({ handler })).rejects.toThrow("not to be run here");
  expect(events).toEqual([started, ended("completed"), started, ended("failed"), started, ended("failed")]);
  expect(store.listWaits(sessionId, { state: "all", nowMs: 0 })).toEqual([]);
});

test.each([
  [false, "completed"],
  [true, "failed"],
] as const)(
  "the first answer ends a task and reaches the model (isError %s), the second is refused",
  async (isError, outcome) => {
    const { run, tasks, events } = openProcess();
    const answer = run();
    expect(tasks.pending()).toEqual([{ ...task, taskId, deadlineMs: 61_000, timeLeftMs: 60_000 }]);
    expect(tasks.complete(complete("done", isError), { by: "test" })).toBe(true);
    expect(tasks.complete(complete("again"), { by: "test" })).toBe(false);
    expect(await answer).toEqual({ text: "done", isError });
    expect(events).toEqual([started, ended(outcome)]);
    expect(tasks.pending()).toEqual([]);
  },
);

test("whoever hears of a task may end it at once", async () => {
  const { store } = openProcess();
  const real = createInProcessEffects();
  const tasks: ExternalTasks = new ExternalTasks({
    store,
    writer,
    effects: real,
    emit: (event) => {
      if (event.type === "external-task") tasks.complete(complete("at once"), { by: "test" });
    },
  });
  const signal = new AbortController().signal;
  const execute = () => Promise.reject(new Error("here"));
  expect(await tasks.run(task, { handler: external, turnId: "t1", signal, execute })).toMatchObject({
    text: "at once",
  });
});

test("no answer ends a task that is not there", () => {
  expect(openProcess().tasks.complete(complete("done"), { by: "test" })).toBe(false);
});

test("an answer to a task reaches no wait of another kind", () => {
  const { store, tasks } = openProcess();
  const key = `${sessionId}/wait/ask_call_1`;
  store.openWait(writer, {
    key,
    turnId: "t1",
    callId: "call_1",
    kind: "approval",
    payloadJson: "{}",
    deadlineMs: null,
    createdAtMs: 0,
  });
  expect(tasks.complete({ ...complete("yes"), taskId: "ask_call_1" }, { by: "test" })).toBe(false);
  expect(store.readWait(key)?.state).toBe("open");
});

test("after its deadline a task is gone, and the model reads that it timed out", async () => {
  const { run, tasks, events, passDeadline } = openProcess();
  const answer = run();
  passDeadline();
  expect(await answer).toEqual({ text: expect.stringContaining("Bash timed out"), isError: true });
  expect(tasks.complete(complete("late"), { by: "test" })).toBe(false);
  expect(tasks.pending()).toEqual([]);
  expect(events).toEqual([started, ended("timed-out")]);
});

test.each([-1, 0, 1])(
  "an answer %i ms from the deadline has one outcome, the same for both sides",
  async (offsetMs) => {
    const { run, store, events, passDeadline } = openProcess();
    const answer = run();
    // Another process answers just when this one wakes for the deadline.
    const isTaken = completeExternalTask(store, {
      sessionId,
      command: complete("done"),
      by: "test",
      nowMs: 61_000 + offsetMs,
      redact,
    });
    passDeadline();
    expect((await answer).text === "done").toBe(isTaken);
    expect(isTaken).toBe(offsetMs < 0);
    expect(events.at(-1)).toEqual(ended(isTaken ? "completed" : "timed-out"));
  },
);

test("an answer that comes after the waiter has woken, and before the deadline, is refused too", async () => {
  const { run, store, clock, passDeadline } = openProcess();
  const answer = run();
  passDeadline();
  await answer;
  const nowMs = clock.nowMs - 30_000;
  expect(completeExternalTask(store, { sessionId, command: complete("late"), by: "test", nowMs, redact })).toBe(false);
});

test("an aborted turn ends its task, unless it has an answer already", async () => {
  const { run, tasks, store, events } = openProcess();
  const stop = new AbortController();
  const reason = new Error("enough");
  const aborted = run({ signal: stop.signal });
  stop.abort(reason);
  await expect(aborted).rejects.toBe(reason);
  expect(events).toEqual([started, ended("cancelled")]);
  expect(tasks.complete(complete("late"), { by: "test" })).toBe(false);

  const again = new AbortController();
  const answered = run({ signal: again.signal });
  completeExternalTask(store, { sessionId, command: complete("done"), by: "other", nowMs: 1000, redact });
  again.abort(reason);
  expect(await answered).toEqual({ text: "done", isError: false });
});

test("a task outlives its process: another one lists it, ends it, and the resumed call has the answer", async () => {
  const first = openProcess();
  void first.run();
  const second = openProcess(first.store, 11_000);
  expect(second.tasks.pending()).toMatchObject([{ taskId, timeLeftMs: 50_000 }]);
  expect(pendingExternalTasks(first.store, { sessionId, nowMs: 70_000 })).toEqual([]);
  expect(second.tasks.complete(complete("done"), { by: "test" })).toBe(true);
  expect(await second.run()).toEqual({ text: "done", isError: false });
  expect(second.events).toEqual([]);
});

test("a resumed call takes up its open task, with what is left of its time", async () => {
  const first = openProcess();
  void first.run();
  const second = openProcess(first.store, 31_000);
  const answer = second.run();
  expect(second.events).toEqual([started]);
  second.tasks.complete(complete("done"), { by: "test" });
  expect(await answer).toEqual({ text: "done", isError: false });
});

test("whoever replays a recorded turn gives the answer of that time, with nothing opened and nobody told", async () => {
  const { store } = openProcess();
  const recorded = { text: "done", isError: false };
  const events: EngineEvent[] = [];
  const effects = {
    ...createInProcessEffects(),
    // What was recorded under a key is of the type that the key gave.
    run: async <T>(key: string) => (key === `${sessionId}/wait/${taskId}` ? recorded : null) as T,
  };
  const tasks = new ExternalTasks({ store, writer, effects, emit: (event) => events.push(event) });
  const signal = new AbortController().signal;
  const execute = () => Promise.reject(new Error("here"));
  expect(await tasks.run(task, { handler: external, turnId: "t1", signal, execute })).toEqual(recorded);
  expect(events).toEqual([]);
  expect(store.listWaits(sessionId, { state: "all", nowMs: 0 })).toEqual([]);
});

test("an answer that cannot be understood is a failure that says so", async () => {
  const { run, store, passDeadline } = openProcess();
  const answer = run();
  store.answerWait(`${sessionId}/wait/${taskId}`, { json: "{", by: "someone else", nowMs: 1000 });
  passDeadline();
  expect(await answer).toEqual({ text: expect.stringContaining("someone else"), isError: true });
});

test("a secret in an answer of another process is not kept", () => {
  const store = new MemoryWaits();
  void openProcess(store).run();
  expect(
    completeExternalTask(store, { sessionId, command: complete("hunter2"), by: "other", nowMs: 1000, redact }),
  ).toBe(true);
  expect(store.readWait(`${sessionId}/wait/${taskId}`)?.answerJson).toBe(JSON.stringify(complete("[secret: it]")));
});
