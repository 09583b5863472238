import { afterEach, beforeEach, expect, test } from "vitest";
import type { ContextProvider } from "../../src/prompt/context-provider.ts";
import { PlainRunner } from "../fakes/plain-runner.ts";
import { createProbeTool } from "../fakes/probe-tool.ts";
import { collect, gather, only, Workbench } from "../fakes/workbench.ts";
import { writeAfterDeath } from "../fakes/write-after-death.ts";

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => bench[Symbol.asyncDispose]());

const call = { calls: [{ name: "Probe", input: { value: "x" } }] };
const notes: ContextProvider = {
  name: "notes",
  query: async () => [{ type: "memory", source: "notes.md", text: "tabs, not spaces" }],
};

test("what a context provider knows stands right after the prompt, in every later request, and after a restart", async () => {
  const options = { tools: [createProbeTool({})], contextProviders: [notes] };
  const { session, provider } = await bench.open([call, { text: "one" }], options);
  const events = await collect(session, "go");
  expect(only(events, "context-providers")).toMatchObject([{ items: 1, skipped: [] }]);
  await session[Symbol.asyncDispose]();
  const { provider: later, session: resumed } = await bench.open([{ text: "two" }], {
    ...options,
    contextProviders: [],
    resume: session.id,
  });
  await collect(resumed, "more");
  const [first, second] = provider.requests.map(({ messages }) => messages);
  expect(first).toEqual([
    { role: "user", text: "go" },
    { role: "user", text: expect.stringContaining("tabs, not spaces") },
  ]);
  expect(second?.slice(0, 2)).toEqual(first);
  expect(later.requests[0]?.messages.slice(0, second?.length)).toEqual(second);
});

test("a turn that died before anything was done is given its context and its plan when it goes on", async () => {
  const { session } = await bench.open([]);
  await session[Symbol.asyncDispose]();
  bench.store.appendEntry(writeAfterDeath(bench.store, session.id), {
    id: "e1",
    sessionId: session.id,
    parentId: null,
    turnId: "t",
    createdAtMs: 1,
    content: { kind: "user", source: "prompt", text: "go", turn: { number: 1, protocol: 1 } },
  });
  const plan = { text: '{"goal":"all","steps":[{"text":"look"}]}' };
  const options = { resume: session.id, contextProviders: [notes], isPlanning: true };
  const { session: resumed, provider } = await bench.open([plan, { text: "ok" }], options);
  const events = await gather(resumed.continueTurn());
  expect(only(events, "plan")).toHaveLength(1);
  expect(provider.requests[1]?.messages[1]?.text).toContain("tabs, not spaces");
  expect(events.at(-1)).toMatchObject({ outcome: { kind: "complete", text: "ok" } });
});

test("a context provider that throws costs the turn a warning, and nothing else", async () => {
  const broken: ContextProvider = { name: "broken", query: () => Promise.reject(new Error("no")) };
  const { session, provider } = await bench.open([{ text: "ok" }], { contextProviders: [broken, notes] });
  const events = await collect(session, "go");
  expect(only(events, "warning")).toMatchObject([{ code: "context_provider_failed" }]);
  expect(only(events, "context-providers")).toMatchObject([{ items: 1, skipped: ["broken"] }]);
  expect(provider.requests[0]?.messages[1]?.text).toContain("tabs, not spaces");
  expect(events.at(-1)).toMatchObject({ outcome: { kind: "complete" } });
});

test("over 100 turns with nothing changed, system prompt and tools are byte-identical, and each request begins as the last", async () => {
  const { session, provider } = await bench.open(Array(100).fill({ text: "ok" }));
  for (let turn = 1; turn <= 100; turn += 1) await collect(session, `prompt ${turn}`);
  const fixed = provider.requests.map(({ system, tools }) => JSON.stringify([system, tools]));
  expect(fixed).toHaveLength(100);
  expect(new Set(fixed).size).toBe(1);
  for (const [index, { messages }] of provider.requests.entries()) {
    const before = provider.requests[index - 1]?.messages ?? [];
    expect(JSON.stringify(messages.slice(0, before.length))).toBe(JSON.stringify(before));
  }
});

test("an overlay counts from the next turn on, and one that collides changes nothing", async () => {
  const { session, provider } = await bench.open([{ text: "a" }, { text: "b" }, { text: "c" }], {
    tools: [createProbeTool({})],
  });
  const contribution = { slot: "rules", id: "x", text: "Speak softly.", layer: "session", mode: "add" } as const;
  await collect(session, "one", {
    onEvent: ({ type }) => {
      if (type !== "turn-start") return;
      session.setContextOverlay({ tools: [createProbeTool({ name: "Extra" })], promptContributions: [contribution] });
    },
  });
  expect(() => session.setContextOverlay({ tools: [createProbeTool({ name: "Probe" })] })).toThrow(
    expect.objectContaining({ code: "duplicate_tool" }),
  );
  await collect(session, "two");
  expect(session.listTools().map(({ name }) => name)).toContain("Extra");
  session.setContextOverlay({});
  await collect(session, "three");
  const seen = provider.requests.map(({ system, tools }) => [
    tools.some(({ name }) => name === "Extra"),
    system.includes("Speak softly."),
  ]);
  expect(seen).toEqual([
    [false, false],
    [true, true],
    [false, false],
  ]);
  expect(provider.requests[2]?.system).toBe(provider.requests[0]?.system);
});

test("a goal is looked at when a turn is complete, and achieved once", async () => {
  const runner = new PlainRunner({ cwd: bench.projectRoot });
  const write = { calls: [{ name: "Write", input: { path: "done", content: "x" } }] };
  const { session } = await bench.open([{ text: "not yet" }, write, { text: "now" }, { text: "again" }], {
    runner,
    goal: { text: "it is done", criteria: [{ kind: "command", command: "test -e done" }] },
  });
  const first = await collect(session, "one");
  expect(only(first, "goal-progress")).toMatchObject([{ progress: 0, unmet: ["test -e done"] }]);
  const second = await collect(session, "two");
  expect(only(second, "goal-progress")).toMatchObject([{ progress: 1, unmet: [] }]);
  expect(only(second, "goal-achieved")).toMatchObject([{ goal: "it is done" }]);
  const third = await collect(session, "three");
  expect([...only(third, "goal-progress"), ...only(third, "goal-achieved")]).toEqual([]);
});

test("with planning on, the model makes a plan, is reminded of it, and marks its steps", async () => {
  const plan = { text: '{"goal":"all","steps":[{"text":"look"},{"text":"write"}]}' };
  const mark = { calls: [{ name: "UpdatePlan", input: { id: "1", status: "running" } }] };
  const { session, provider } = await bench.open([plan, mark, { text: "ok" }], { isPlanning: true });
  const events = await collect(session, "go");
  expect(only(events, "plan")).toMatchObject([{ goal: "all", steps: [{ text: "look" }, { text: "write" }] }]);
  expect(only(events, "plan-step-start")[0]).toMatchObject({ stepId: "1", number: 1, total: 2 });
  expect(provider.requests[1]?.messages.map(({ text }) => text).join("\n")).toContain("1. look");
  expect(bench.store.listUsage(session.id).map(({ label }) => label)).toEqual([
    expect.not.stringMatching(/^turn$/),
    "turn",
    "turn",
  ]);
  expect(events.at(-1)).toMatchObject({ outcome: { kind: "complete", text: "ok" } });
});

test("what no plan can be made of is answered without one", async () => {
  const { session } = await bench.open([{ text: "I would rather not" }, { text: "ok" }], { isPlanning: true });
  const events = await collect(session, "go");
  expect(only(events, "plan")).toEqual([]);
  expect(events.at(-1)).toMatchObject({ outcome: { kind: "complete", text: "ok" } });
});

test("a later session of the project is told what an earlier one did, and one without memory is not", async () => {
  const first = await bench.open([{ text: "the parser was renamed to reader" }], { hasMemory: true });
  await collect(first.session, "rename the parser module");
  await first.session[Symbol.asyncDispose]();
  expect(bench.store.listMemories(bench.projectRoot)).toHaveLength(1);
  const second = await bench.open([{ text: "ok" }], { hasMemory: true });
  await collect(second.session, "where is the parser module?");
  expect(second.provider.requests[0]?.messages[1]?.text).toContain("rename the parser module");
  const third = await bench.open([{ text: "ok" }]);
  await collect(third.session, "where is the parser module?");
  expect(third.provider.requests[0]?.messages).toHaveLength(1);
});

test("two sessions of one store and one agent see nothing of each other", async () => {
  const one = await bench.open([call, { text: "of one" }], {
    tools: [createProbeTool({ effect: "local-mutation" })],
    mode: "safe",
  });
  const two = await bench.open([{ text: "of two" }], { tools: [createProbeTool({})] });
  const heard: string[] = [];
  two.session.subscribe(({ type }) => heard.push(type));
  const asking = collect(one.session, "first", {
    onEvent: (event) => {
      if (event.type !== "approval-request") return;
      // The other one works while this one waits.
      void collect(two.session, "second").then(() => one.session.send({ type: "reject", requestId: event.requestId }));
    },
  });
  const events = await asking;
  expect(events.at(-1)).toMatchObject({ outcome: { kind: "complete", text: "of one" } });
  expect(heard).not.toContain("approval-request");
  expect(two.provider.requests[0]?.messages.map(({ text }) => text)).toEqual(["second"]);
  expect(bench.store.readUsage(two.session.id).requests).toBe(1);
  expect(two.session.send({ type: "approve", requestId: "ask_call_1_1_0", scope: "once" })).toBe(false);
});
