import { expect, test } from "vitest";
import { DeadLetters } from "./dead-letters.ts";
import { createHostCap, type HostCap } from "./host-cap.ts";
import type { LaneJob } from "./lane-job.ts";
import { LaneQueue, type LaneQueueOptions } from "./lane-queue.ts";

/** A queue whose jobs end when they are told to. */
function openQueue(options: Partial<LaneQueueOptions> = {}) {
  const queue = new LaneQueue({ now: () => 0, ...options });
  const started: string[] = [];
  const endings = new Map<string, () => void>();
  const submit = (name: string, job: Partial<LaneJob<string>> = {}): Promise<string> =>
    queue.run({
      lane: "execute",
      name,
      writePaths: [],
      signal: new AbortController().signal,
      run: () =>
        new Promise<string>((resolve) => {
          started.push(name);
          endings.set(name, () => resolve(name));
        }),
      ...job,
    });
  const end = async (name: string): Promise<void> => {
    endings.get(name)?.();
    await settle();
  };
  return { queue, started, submit, end };
}

/** Lets everything that can go on do so. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("nothing runs before the start, and starting twice is harmless", async () => {
  const { queue, started, submit } = openQueue();
  const job = { run: async () => "done" };
  const result = submit("a", job);
  await settle();
  expect(queue.stats().pending).toBe(1);
  queue.start();
  queue.start();
  expect(await result).toBe("done");
  expect(started).toEqual([]);
});

test("an idle queue reads zero everywhere, and a running job counts in its lane", async () => {
  const { queue, submit, end } = openQueue();
  queue.start();
  expect(queue.stats()).toEqual({
    pending: 0,
    active: 0,
    externalPending: 0,
    lanes: {
      control: { pending: 0, active: 0, cap: 2, mode: "internal" },
      query: { pending: 0, active: 0, cap: 4, mode: "internal" },
      execute: { pending: 0, active: 0, cap: 2, mode: "internal" },
      generate: { pending: 0, active: 0, cap: 1, mode: "internal" },
    },
  });
  const results = ["a", "b", "c"].map((name) => submit(name));
  expect(queue.stats().lanes.execute).toMatchObject({ active: 2, pending: 1 });
  for (const name of ["a", "b", "c"]) await end(name);
  expect(await Promise.all(results)).toEqual(["a", "b", "c"]);
  expect(queue.stats()).toMatchObject({ pending: 0, active: 0 });
});

test("for one slot, control goes before query, query before execute, execute before generate", async () => {
  const { queue, started, submit, end } = openQueue({ maxTotal: 1 });
  queue.start();
  const lanes = ["generate", "execute", "query", "control"] as const;
  const results = [submit("first"), ...lanes.map((lane) => submit(lane, { lane }))];
  for (const name of ["first", "control", "query", "execute", "generate"]) await end(name);
  await Promise.all(results);
  expect(started).toEqual(["first", "control", "query", "execute", "generate"]);
});

test("a job that waits for a path holds up no job on another path", async () => {
  const { queue, started, submit, end } = openQueue({ caps: { execute: 2 } });
  queue.start();
  const results = [
    submit("a1", { writePaths: ["/p/a"] }),
    submit("a2", { writePaths: ["/p/a"] }),
    submit("b", { writePaths: ["/p/b"] }),
  ];
  expect(started).toEqual(["a1", "b"]);
  for (const name of ["b", "a1", "a2"]) await end(name);
  await Promise.all(results);
  expect(started).toEqual(["a1", "b", "a2"]);
});

test("an aborted waiting job never starts, rejects with its reason, and makes way", async () => {
  const { queue, started, submit, end } = openQueue({ metrics: "on" });
  queue.start();
  const stop = new AbortController();
  const first = submit("first", { writePaths: ["/p/a"] });
  const aborted = submit("aborted", { writePaths: null, signal: stop.signal });
  const last = submit("last", { writePaths: ["/p/b"] });
  const reason = new Error("enough");
  expect(started).toEqual(["first"]);
  stop.abort(reason);
  await expect(aborted).rejects.toBe(reason);
  expect(started).toEqual(["first", "last"]);
  await expect(submit("late", { signal: stop.signal })).rejects.toBe(reason);
  await end("first");
  await end("last");
  await Promise.all([first, last]);
  expect(queue.metrics()?.execute).toMatchObject({ submitted: 3, completed: 2, cancelled: 1, failed: 0 });
});

test("a stop refuses new work, rejects what waits and lets what runs end", async () => {
  const { queue, submit, end } = openQueue({ caps: { execute: 1 } });
  queue.start();
  const running = submit("running");
  const waiting = submit("waiting");
  const stopped = queue.stop();
  const refusal = { code: "session_ended" };
  await expect(waiting).rejects.toMatchObject(refusal);
  await expect(submit("new")).rejects.toMatchObject(refusal);
  await end("running");
  expect(await running).toBe("running");
  await stopped;
  expect(queue.stats()).toMatchObject({ pending: 0, active: 0 });
});

test("metrics are off unless they are asked for", async () => {
  expect(openQueue().queue.metrics()).toBeNull();
});

test("metrics count per lane what was submitted and what became of it, with its latency", async () => {
  let nowMs = 0;
  const { queue, submit } = openQueue({ metrics: "on", now: () => nowMs });
  queue.start();
  const run = async (): Promise<string> => {
    nowMs += 40;
    return "ok";
  };
  await submit("a", { run });
  await expect(submit("b", { run: async () => Promise.reject(new Error("no")) })).rejects.toThrow("no");
  const { execute, query } = queue.metrics() ?? {};
  expect(execute).toEqual({
    submitted: 2,
    completed: 1,
    failed: 1,
    cancelled: 0,
    depth: 0,
    active: 0,
    latencyMs: { p50: 0, p95: 40, p99: 40 },
  });
  expect(query).toMatchObject({ submitted: 0, latencyMs: null });
});

test("a lane without a handler reads back internal and a minute", () => {
  expect(openQueue().queue.getHandler("execute")).toEqual({ mode: "internal", timeoutMs: 60_000 });
});

test("a handler that is changed does not move work that is queued already", async () => {
  const modes: string[] = [];
  const { queue, submit } = openQueue();
  const job: Partial<LaneJob<string>> = {
    run: async ({ handler }) => {
      modes.push(handler.mode);
      return "ok";
    },
  };
  const queued = submit("queued", job);
  queue.setHandler("execute", { mode: "external", timeoutMs: 1000 });
  expect(queue.getHandler("execute")).toEqual({ mode: "external", timeoutMs: 1000 });
  const later = submit("later", job);
  queue.start();
  await Promise.all([queued, later]);
  expect(modes).toEqual(["internal", "external"]);
});

test.each([
  { mode: "external", timeoutMs: 0 },
  { mode: "external", timeoutMs: 2 ** 31 },
  { mode: "elsewhere", timeoutMs: 1 },
])("%o is no handler", (handler) => {
  const { queue } = openQueue();
  const set = (): void => queue.setHandler("query", handler as never);
  expect(set).toThrow(expect.objectContaining({ code: "bad_option" }));
});

test("only work declared repeatable is run again, and what exhausts its attempts is a dead letter, once", async () => {
  const attempts: number[] = [];
  const letters = new DeadLetters(() => undefined);
  const { queue, submit } = openQueue({ deadLetters: letters, now: () => 5 });
  queue.start();
  const fail: Partial<LaneJob<string>> = {
    run: async ({ attempt }) => {
      attempts.push(attempt);
      throw new Error("no route");
    },
  };
  await expect(submit("Write", { ...fail, callId: "c1" })).rejects.toThrow("no route");
  expect(attempts).toEqual([1]);
  await expect(submit("Fetch", { ...fail, callId: "c2", retries: 2 })).rejects.toThrow("no route");
  expect(attempts).toEqual([1, 1, 2, 3]);
  await expect(submit("model", fail)).rejects.toThrow("no route");
  const common = { lane: "execute", error: "no route", failedAtMs: 5 };
  expect(queue.deadLetters()).toEqual([
    { ...common, callId: "c1", name: "Write", attempts: 1 },
    { ...common, callId: "c2", name: "Fetch", attempts: 3 },
  ]);
});

test("a result can count as a failure: the last one is what the job gives", async () => {
  const letters = new DeadLetters(() => undefined);
  const { queue, submit } = openQueue({ deadLetters: letters });
  queue.start();
  const result = await submit("Fetch", {
    callId: "c1",
    retries: 1,
    run: async ({ attempt }) => `bad ${attempt}`,
    failureOf: (text) => text,
  });
  expect(result).toBe("bad 2");
  expect(queue.deadLetters()).toMatchObject([{ callId: "c1", error: "bad 2", attempts: 2 }]);
});

test("what is aborted or run outside is not run again, and what is aborted is no dead letter", async () => {
  const letters = new DeadLetters(() => undefined);
  const { queue, submit } = openQueue({ deadLetters: letters });
  queue.start();
  const stop = new AbortController();
  let runs = 0;
  const aborted = submit("a", {
    callId: "c1",
    retries: 5,
    signal: stop.signal,
    run: async () => {
      runs += 1;
      stop.abort(new Error("enough"));
      throw stop.signal.reason;
    },
  });
  await expect(aborted).rejects.toThrow("enough");
  expect(runs).toBe(1);
  expect(queue.deadLetters()).toEqual([]);
  queue.setHandler("execute", { mode: "external", timeoutMs: 1 });
  const outside = submit("b", { callId: "c2", retries: 5, run: async () => Promise.reject(new Error("no")) });
  await expect(outside).rejects.toThrow("no");
  expect(queue.deadLetters()).toMatchObject([{ callId: "c2", attempts: 1 }]);
});

test.each([-1, 0.5, Number.NaN])("%s retries are refused", async (retries) => {
  await expect(openQueue().submit("a", { retries })).rejects.toMatchObject({ code: "bad_option" });
});

test("a bound shared by many queues holds for all of them, in turn", async () => {
  const hostCap = createHostCap({ execute: 2 });
  const queues = Array.from({ length: 3 }, () => openQueue({ hostCap }));
  const running = (): number => queues.reduce((sum, { queue }) => sum + queue.stats().lanes.execute.active, 0);
  const results = queues.flatMap(({ queue, submit }) => {
    queue.start();
    return [submit("a"), submit("b")];
  });
  expect(queues.map(({ started }) => started)).toEqual([["a", "b"], [], []]);
  await queues[0]?.end("a");
  await queues[0]?.end("b");
  expect(queues.map(({ started }) => started)).toEqual([["a", "b"], ["a"], ["a"]]);
  expect(running()).toBe(2);
  await queues[1]?.end("a");
  await queues[2]?.end("a");
  await queues[1]?.end("b");
  await queues[2]?.end("b");
  await Promise.all(results);
  expect(running()).toBe(0);
});

test("work that is run outside takes no slot of the shared bound, and counts as pending outside", async () => {
  const hostCap = createHostCap({ execute: 1 });
  const { queue, started, submit, end } = openQueue({ hostCap });
  queue.start();
  const here = submit("here");
  queue.setHandler("execute", { mode: "external", timeoutMs: 1 });
  const outside = submit("outside");
  expect(started).toEqual(["here", "outside"]);
  expect(queue.stats().externalPending).toBe(1);
  await end("outside");
  await end("here");
  await Promise.all([here, outside]);
  expect(queue.stats().externalPending).toBe(0);
});

test("a queue that is stopped leaves nothing of itself in the shared bound", async () => {
  const wakes = new Set<() => void>();
  const take = (_lane: string, wake: () => void): boolean => {
    wakes.add(wake);
    return false;
  };
  const hostCap: HostCap = { take, release: () => undefined, forget: (wake) => wakes.delete(wake) };
  const { queue, submit } = openQueue({ hostCap });
  queue.start();
  const dropped = expect(submit("a")).rejects.toMatchObject({ code: "session_ended" });
  expect(wakes.size).toBe(1);
  await queue.stop();
  await dropped;
  expect(wakes.size).toBe(0);
});

test("a queue that is stopped does not keep a shared slot from others", async () => {
  const hostCap = createHostCap({ execute: 1 });
  const [first, second, third] = [openQueue({ hostCap }), openQueue({ hostCap }), openQueue({ hostCap })];
  for (const { queue } of [first, second, third]) queue.start();
  const running = first.submit("a");
  const dropped = expect(second.submit("b")).rejects.toMatchObject({ code: "session_ended" });
  const waiting = third.submit("c");
  await second.queue.stop();
  await dropped;
  await first.end("a");
  expect(third.started).toEqual(["c"]);
  await third.end("c");
  await Promise.all([running, waiting]);
});

test("a bound of a process that is no whole number above zero is refused", () => {
  expect(() => createHostCap({ execute: 0 })).toThrow(expect.objectContaining({ code: "bad_option" }));
});
