import { afterEach, beforeEach, expect, test } from "vitest";
import type { Hook } from "../../src/hooks/hook.ts";
import { HookEngine } from "../../src/hooks/hook-engine.ts";
import { findGrammarFault } from "../fakes/event-grammar.ts";
import { PlainRunner } from "../fakes/plain-runner.ts";
import { createProbeTool } from "../fakes/probe-tool.ts";
import { collect, only, Workbench } from "../fakes/workbench.ts";

let bench: Workbench;
const ran: string[] = [];
beforeEach(() => {
  bench = new Workbench();
  ran.length = 0;
});
afterEach(() => bench[Symbol.asyncDispose]());

const tools = [
  createProbeTool({
    effect: "local-mutation",
    execute: ({ value }) => {
      ran.push(value);
      return { text: `ran ${value}`, isError: false };
    },
  }),
];
const call = { calls: [{ name: "Probe", input: { value: "x" } }] };

function hooksOf(...hooks: readonly Hook<"before-tool">[]): readonly HookEngine[] {
  const engine = new HookEngine();
  for (const hook of hooks) engine.register(hook);
  return [engine];
}

test("the reason of a block reaches the model, and the call does not run", async () => {
  const hooks = hooksOf({
    name: "house rules",
    event: "before-tool",
    role: "guard",
    run: async () => ({ kind: "block", reason: "not on a Friday" }),
  });
  const { session, provider } = await bench.open([call, { text: "ok" }], { tools, hooks });
  const events = await collect(session, "go");
  expect(findGrammarFault(events)).toBeNull();
  expect(only(events, "tool-call-end")).toMatchObject([{ outcome: "blocked" }]);
  expect(only(events, "hook")).toMatchObject([{ name: "house rules", event: "before-tool", outcome: "blocked" }]);
  expect(provider.requests[1]?.messages.at(-1)?.text).toContain("not on a Friday");
  expect(ran).toEqual([]);
});

test("a changed input is what is shown, judged and run; one that the rules forbid is blocked", async () => {
  bench.store.addPermissionRule(bench.projectRoot, { verdict: "deny", text: "Probe(forbidden)" }, 1);
  const changeTo = (value: string): readonly HookEngine[] =>
    hooksOf({
      name: "changer",
      event: "before-tool",
      role: "guard",
      run: async () => ({ kind: "change", input: { value } }),
    });
  const allowed = await bench.open([call, { text: "ok" }], { tools, hooks: changeTo("y") });
  const events = await collect(allowed.session, "go");
  expect(only(events, "tool-call-start")).toMatchObject([{ input: { value: "y" }, subject: "y" }]);
  expect(ran).toEqual(["y"]);
  const forbidden = await bench.open([call, { text: "ok" }], { tools, hooks: changeTo("forbidden") });
  await collect(forbidden.session, "go");
  expect(forbidden.provider.requests[1]?.messages.at(-1)?.text).toMatch(/^Blocked: /);
  expect(ran).toEqual(["y"]);
});

test("a guard that hangs blocks when its time is over, and the turn goes on", async () => {
  const hooks = hooksOf({
    name: "sleeper",
    event: "before-tool",
    role: "guard",
    timeoutMs: 20,
    run: () => new Promise(() => undefined),
  });
  const { session, provider } = await bench.open([call, { text: "ok" }], { tools, hooks });
  const events = await collect(session, "go");
  expect(only(events, "hook")).toMatchObject([{ name: "sleeper", outcome: "timed-out" }]);
  expect(only(events, "tool-call-end")).toMatchObject([{ outcome: "blocked" }]);
  expect(provider.requests[1]?.messages.at(-1)?.text).toContain("sleeper");
  expect(events.at(-1)).toMatchObject({ outcome: { kind: "complete", text: "ok" } });
  expect(ran).toEqual([]);
});

test("an observer that hangs or throws costs the call nothing", async () => {
  const engine = new HookEngine();
  const run = [() => new Promise<never>(() => undefined), () => Promise.reject(new Error("no"))];
  for (const [index, act] of run.entries()) {
    engine.register({ name: `observer ${index}`, event: "after-tool", role: "observer", timeoutMs: 20, run: act });
  }
  const { session } = await bench.open([call, { text: "ok" }], { tools, hooks: [engine] });
  const events = await collect(session, "go");
  expect(only(events, "hook").map(({ outcome }) => outcome)).toEqual(["timed-out", "failed"]);
  expect(only(events, "tool-call-end")).toMatchObject([{ outcome: "ok" }]);
});

test("a request that a guard blocks is not made, and the turn ends by that", async () => {
  const engine = new HookEngine();
  engine.register({
    name: "budget",
    event: "before-generate",
    role: "guard",
    run: async () => ({ kind: "block", reason: "the month is over" }),
  });
  const { session, provider } = await bench.open([{ text: "no" }], { hooks: [engine] });
  const events = await collect(session, "go");
  expect(findGrammarFault(events)).toBeNull();
  expect(events.at(-1)).toMatchObject({
    outcome: { kind: "error", message: expect.stringContaining("the month is over") },
  });
  expect(provider.requests).toEqual([]);
});

test("a hook that the user has stored as a command guards every session of the project", async () => {
  const runner = new PlainRunner({ cwd: bench.projectRoot });
  bench.store.addHook(
    bench.projectRoot,
    {
      name: "check",
      event: "before-tool",
      role: "guard",
      order: 1,
      timeoutMs: 10_000,
      matcherJson: "{}",
      command: `echo 'not that' >&2; exit 2`,
    },
    1,
  );
  const { session, provider } = await bench.open([call, { text: "ok" }], { tools, runner });
  const events = await collect(session, "go");
  expect(only(events, "tool-call-end")).toMatchObject([{ outcome: "blocked" }]);
  expect(provider.requests[1]?.messages.at(-1)?.text).toContain("not that");
  expect(ran).toEqual([]);
});

test("hooks hear once that a session is over, before it is closed; no turn begins after that", async () => {
  const engine = new HookEngine();
  engine.register({
    name: "over",
    event: "session-end",
    role: "observer",
    run: async ({ sessionId }) => {
      ran.push(sessionId);
      return { kind: "continue" };
    },
  });
  const { session } = await bench.open([{ text: "never" }], { hooks: [engine] });
  await session.takeLeave();
  expect(ran).toEqual([session.id]);
  await expect(collect(session, "go")).rejects.toMatchObject({ code: "session_busy" });
  await session[Symbol.asyncDispose]();
  expect(ran).toEqual([session.id]);
});
