import { expect, test } from "vitest";
import type { Hook, HookAnswer } from "../../src/hooks/hook.ts";
import { call, openHookBench, settle } from "./hook-bench.ts";

const pass: HookAnswer = { kind: "continue" };
const after = {
  ...call,
  result: { outcome: "ok", text: "done", changes: [] },
  durationMs: 1,
} as const;

function openObservers() {
  const bench = openHookBench();
  const told: string[] = [];
  const observe = (
    name: string,
    answer: () => HookAnswer | Promise<HookAnswer> = () => pass,
    changes: Partial<Hook> = {},
  ) =>
    bench.engine.register({
      name,
      event: "after-tool",
      role: "observer",
      run: async () => {
        told.push(name);
        return answer();
      },
      ...changes,
    });
  return { ...bench, told, observe };
}

test("observers are told in their order, one after the other", async () => {
  const { observe, told, hooks } = openObservers();
  observe("b");
  observe("a", () => pass, { order: 1 });
  await hooks.afterTool(after);
  expect(told).toEqual(["a", "b"]);
});

test("an observer is told of what its matcher says", async () => {
  const { observe, told, hooks } = openObservers();
  observe("edits", () => pass, { matcher: { tool: "Edit" } });
  observe("commands", () => pass, { matcher: { tool: "Bash" } });
  await hooks.afterTool(after);
  expect(told).toEqual(["commands"]);
});

test("an observer that throws is reported and passed over", async () => {
  const { observe, told, hooks, reports } = openObservers();
  observe("broken", () => Promise.reject(new Error("disk full")));
  observe("next");
  await hooks.afterTool(after);
  expect(told).toEqual(["broken", "next"]);
  const message = 'the hook "broken" failed: disk full';
  expect(reports).toEqual([{ type: "hook", name: "broken", event: "after-tool", outcome: "failed", message }]);
});

test("an observer that takes too long is reported and passed over", async () => {
  const { observe, told, hooks, reports, sleeps } = openObservers();
  observe("slow", () => new Promise(() => undefined), { timeoutMs: 50 });
  observe("next");
  const done = hooks.afterTool(after);
  await settle();
  sleeps.find(({ durationMs }) => durationMs === 50)?.end();
  await done;
  expect(told).toEqual(["slow", "next"]);
  expect(reports).toMatchObject([{ name: "slow", outcome: "timed-out" }]);
});

test.each<HookAnswer>([
  { kind: "block", reason: "no" },
  { kind: "change", input: "y" },
  { kind: "retry-after", ms: 1 },
])("an observer cannot decide anything: $kind is reported", async (answer) => {
  const { observe, engine, beforeTool, hooks, reports } = openObservers();
  observe("bold", () => answer);
  engine.register({ name: "bold", event: "before-tool", role: "observer", run: async () => answer });
  await hooks.afterTool(after);
  expect(await beforeTool()).toEqual({ kind: "go-on", input: "x", isChanged: false });
  expect(reports).toMatchObject([
    { event: "after-tool", outcome: "failed" },
    { event: "before-tool", outcome: "failed" },
  ]);
});

test("an observer can keep those after it from being told", async () => {
  const { observe, told, hooks } = openObservers();
  observe("enough", () => ({ kind: "skip-rest" }));
  observe("next");
  await hooks.afterTool(after);
  expect(told).toEqual(["enough"]);
});

test("observers of a call hear what the guards have made of it, and nothing of a blocked one", async () => {
  const { engine, guard, beforeTool } = openObservers();
  const seen: unknown[] = [];
  engine.register<"before-tool">({
    name: "log",
    event: "before-tool",
    role: "observer",
    order: 1,
    run: async ({ input }) => {
      seen.push(input);
      return pass;
    },
  });
  guard("changer", () => ({ kind: "change", input: "y" }));
  await beforeTool();
  guard("policy", () => ({ kind: "block", reason: "no" }));
  await beforeTool();
  expect(seen).toEqual(["y"]);
});

test("once the turn is aborted observers are still told, and not waited for", async () => {
  const { observe, told, hooks, engine, sleeps } = openObservers();
  const stop = new AbortController();
  observe("slow", () => new Promise(() => undefined));
  observe("next");
  const done = hooks.afterTool(after, { signal: stop.signal });
  await settle();
  stop.abort(new Error("enough"));
  await done;
  await engine.settled();
  expect(told).toEqual(["slow", "next"]);
  expect(sleeps).toHaveLength(2);
});

test("nobody waits for an async hook, and what goes wrong in it is reported when it does", async () => {
  const { observe, hooks, engine, reports } = openObservers();
  const { promise, reject } = Promise.withResolvers<HookAnswer>();
  observe("metrics", () => promise, { role: "async" });
  await hooks.afterTool(after);
  expect(reports).toEqual([]);
  reject(new Error("no collector"));
  await engine.settled();
  expect(reports).toMatchObject([{ name: "metrics", outcome: "failed" }]);
});

test("what an async hook answers has no effect and is no problem", async () => {
  const { observe, hooks, engine, reports } = openObservers();
  observe("metrics", () => ({ kind: "block", reason: "no" }), { role: "async" });
  await hooks.afterTool(after);
  await engine.settled();
  expect(reports).toEqual([]);
});

test("at most 64 hooks that nobody waits for run at once; more are dropped, with a report, and one that ends makes room", async () => {
  const { observe, told, hooks, engine, reports, sleeps } = openObservers();
  observe("metrics", () => new Promise(() => undefined), { role: "async" });
  for (let index = 0; index < 66; index += 1) await hooks.afterTool(after);
  expect(told).toHaveLength(64);
  expect(reports).toHaveLength(2);
  expect(reports[0]).toMatchObject({ name: "metrics", outcome: "failed", message: expect.stringContaining("64") });
  sleeps[0]?.end();
  await settle();
  await hooks.afterTool(after);
  expect(told).toHaveLength(65);
  for (const { end } of sleeps) end();
  await engine.settled();
  expect(reports.filter(({ outcome }) => outcome === "timed-out")).toHaveLength(65);
});

test("sessions, answers and skills are told to those who listen", async () => {
  const { engine, hooks } = openHookBench();
  const seen: unknown[] = [];
  for (const event of ["session-start", "session-end", "after-generate", "skill-unload"] as const) {
    engine.register({
      name: event,
      event,
      role: "observer",
      run: async (payload) => {
        seen.push(payload);
        return pass;
      },
    });
  }
  const start = {
    sessionId: "s1",
    projectRoot: "/p",
    provider: "p",
    model: "m",
    mode: "safe",
    isResumed: false,
  } as const;
  const end = { sessionId: "s1", projectRoot: "/p", durationMs: 9 };
  const generate = { sessionId: "s1", turnId: "t1", provider: "p", model: "m", prompt: "hi", tools: ["Read"] };
  const answer = { ...generate, text: "hello", usage: null, durationMs: 3 };
  await hooks.sessionStart(start);
  await hooks.afterGenerate(answer);
  await hooks.skillUnload({ sessionId: "s1", skill: "git" });
  await hooks.sessionEnd(end);
  expect(seen).toEqual([
    { event: "session-start", ...start },
    { event: "after-generate", ...answer },
    { event: "skill-unload", sessionId: "s1", skill: "git" },
    { event: "session-end", ...end },
  ]);
});

test.each([
  ["name", { name: "" }],
  ["event", { event: "lunch" }],
  ["role", { role: "Guard" }],
  ["role", { role: "guard" }],
  ["order", { order: 0.5 }],
  ["timeoutMs", { timeoutMs: -1 }],
])("a hook with a bad %s is refused: %o", (field, changes) => {
  const { observe } = openObservers();
  const refusal = expect.objectContaining({ code: "bad_hook", message: expect.stringContaining(`: ${field} `) });
  expect(() => observe("x", () => pass, changes as Partial<Hook>)).toThrow(refusal);
});
