import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { EngineEvent } from "../src/events/engine-event.ts";
import { findGrammarFault } from "./fakes/event-grammar.ts";
import { createProbeTool } from "./fakes/probe-tool.ts";
import { collect, only, Workbench } from "./fakes/workbench.ts";

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => bench[Symbol.asyncDispose]());

const usage = { inputTokens: 10, outputTokens: 2, cacheReadTokens: 1, thinkingTokens: 0 };
const outcomeOf = (events: readonly EngineEvent[]) => only(events, "turn-end")[0]?.outcome;

const usageEvent = (fields: object): object => ({
  type: "usage",
  label: "turn",
  provider: "scripted",
  model: "script-1",
  attempt: 1,
  failureCode: null,
  durationMs: expect.any(Number),
  costMicros: null,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  thinkingTokens: 0,
  ...fields,
});

test("a turn with one call has exactly these events", async () => {
  const { session } = await bench.open(
    [{ text: ["I ", "look."], calls: [{ name: "Probe", input: { value: "x" } }], usage }, { text: "Done." }],
    { tools: [createProbeTool({})] },
  );
  const events = await collect(session, "go");
  expect(events.map((event) => (event.type === "turn-end" ? { ...event, timing: null } : event))).toEqual([
    { type: "turn-start", turnId: expect.any(String), turnNumber: 1, prompt: "go", isContinued: false },
    { type: "step-start", step: 1 },
    { type: "context-usage", usedTokens: expect.any(Number), maxTokens: 200_000, isEstimated: true },
    { type: "text-delta", text: "I " },
    { type: "text-delta", text: "look." },
    usageEvent({ ...usage, finishReason: "tool-calls" }),
    {
      type: "tool-call-start",
      callId: "call_1_1_0",
      name: "Probe",
      input: { value: "x" },
      subject: "x",
      effect: "read-only",
    },
    {
      type: "tool-call-end",
      callId: "call_1_1_0",
      outcome: "ok",
      text: "probed x",
      changes: [],
      durationMs: expect.any(Number),
      origin: "external",
    },
    { type: "step-end", step: 1 },
    { type: "step-start", step: 2 },
    { type: "context-usage", usedTokens: expect.any(Number), maxTokens: 200_000, isEstimated: true },
    { type: "text-delta", text: "Done." },
    usageEvent({ finishReason: "stop" }),
    { type: "step-end", step: 2 },
    { type: "turn-end", turnId: expect.any(String), outcome: { kind: "complete", text: "Done." }, timing: null },
  ]);
  expect(bench.store.readUsage(session.id)).toMatchObject({ ...usage, requests: 2, costMicros: null });
});

test("subscribers hear the same events in the same order, and one that throws harms nobody", async () => {
  const { session } = await bench.open([{ text: "hi" }]);
  const heard: EngineEvent[] = [];
  session.subscribe(() => {
    throw new Error("a listener's own fault");
  });
  const leave = session.subscribe((event) => heard.push(event));
  expect(await collect(session, "hello")).toEqual(heard);
  leave();
  leave();
  session.updateProvider(session.provider);
  expect(heard.at(-1)?.type).toBe("turn-end");
});

test("the parts of the timing add up to the whole", async () => {
  const { session } = await bench.open(
    [{ text: "a", delayMs: 20, calls: [{ name: "Probe", input: { value: "x" } }] }, { text: "b" }],
    {
      tools: [
        createProbeTool({
          execute: async () => {
            await delay(20);
            return { text: "ok", isError: false };
          },
        }),
      ],
    },
  );
  const timing = only(await collect(session, "go"), "turn-end")[0]?.timing;
  expect(timing).toBeDefined();
  if (timing === undefined) return;
  expect(timing.modelMs + timing.toolMs + timing.waitMs + timing.ownMs).toBe(timing.totalMs);
  expect(timing.modelMs).toBeGreaterThan(10);
  expect(timing.toolMs).toBeGreaterThan(10);
});

test("the model is given its calls and their results in call order, whatever finishes first", async () => {
  const { session, provider } = await bench.open(
    [{ calls: ["slow", "quick", "slow"].map((value) => ({ name: "Probe", input: { value } })) }, { text: "done" }],
    {
      tools: [
        createProbeTool({
          execute: async ({ value }) => {
            await delay(value === "slow" ? 40 : 0);
            return { text: value, isError: value === "quick" };
          },
        }),
      ],
    },
  );
  const events = await collect(session, "go");
  expect(only(events, "tool-call-end").map(({ callId }) => callId)[0]).toBe("call_1_1_1");
  expect(provider.requests[1]?.messages.slice(-3)).toEqual([
    { role: "tool", callId: "call_1_1_0", text: "slow", isError: false },
    { role: "tool", callId: "call_1_1_1", text: "quick", isError: true },
    { role: "tool", callId: "call_1_1_2", text: "slow", isError: false },
  ]);
  expect(findGrammarFault(events)).toBeNull();
});

test("reads run side by side, at most four; a mutation waits for them and they for it", async () => {
  const trace: string[] = [];
  let running = 0;
  let most = 0;
  const execute = async ({ value }: { readonly value: string }) => {
    running += 1;
    most = Math.max(most, running);
    trace.push(`${value}+`);
    await delay(5);
    trace.push(`${value}-`);
    running -= 1;
    return { text: value, isError: false };
  };
  const call = (name: string, value: string) => ({ name, input: { value } });
  const { session } = await bench.open(
    [
      {
        calls: [
          ...["a", "b", "c", "d", "e", "f"].map((value) => call("Read1", value)),
          call("Write1", "W"),
          call("Write1", "X"),
          call("Read1", "g"),
        ],
      },
      { text: "done" },
    ],
    {
      tools: [
        createProbeTool({ name: "Read1", execute }),
        createProbeTool({ name: "Write1", effect: "local-mutation", execute }),
      ],
    },
  );
  await collect(session, "go");
  expect(most).toBe(4);
  expect(trace.slice(12)).toEqual(["W+", "W-", "X+", "X-", "g+", "g-"]);
});

test.each([
  ["an unknown tool", { name: "Teleport", input: {} }, /no tool "Teleport".*Probe/],
  ["arguments that are not JSON", { name: "Probe", argumentsJson: "{value:" }, /not JSON/],
  ["arguments that do not fit", { name: "Probe", input: { value: 7 } }, /do not fit.*\n.*value/s],
  ["no arguments at all", { name: "Probe", argumentsJson: "" }, /do not fit/],
])("%s becomes an error that the model reads", async (_name, call, message) => {
  const { session, provider } = await bench.open([{ calls: [call] }, { text: "sorry" }], {
    tools: [createProbeTool({})],
  });
  const events = await collect(session, "go");
  expect(only(events, "tool-call-end")[0]).toMatchObject({ outcome: "error", text: expect.stringMatching(message) });
  expect(provider.requests[1]?.messages.at(-1)).toMatchObject({ role: "tool", isError: true });
  expect(outcomeOf(events)).toEqual({ kind: "complete", text: "sorry" });
  expect(findGrammarFault(events)).toBeNull();
});

test("a tool that throws is an error of that call alone", async () => {
  const tool = createProbeTool({
    execute: () => {
      throw new Error("boom");
    },
  });
  const { session } = await bench.open([{ calls: [{ name: "Probe", input: { value: "x" } }] }, { text: "ok" }], {
    tools: [tool],
  });
  const events = await collect(session, "go");
  expect(only(events, "tool-call-end")[0]).toMatchObject({ outcome: "error", text: expect.stringContaining("boom") });
  expect(outcomeOf(events)?.kind).toBe("complete");
});

test("a result longer than 40,000 characters is cut in the middle, and says so", async () => {
  const tool = createProbeTool({ execute: () => ({ text: `A${"x".repeat(100_000)}Z`, isError: false }) });
  const { session, provider } = await bench.open(
    [{ calls: [{ name: "Probe", input: { value: "x" } }] }, { text: "ok" }],
    { tools: [tool] },
  );
  await collect(session, "go");
  const result = provider.requests[1]?.messages.at(-1);
  expect(result?.text.length).toBeLessThan(40_100);
  expect(result?.text).toMatch(/^A.*60002 characters left out.*Z$/s);
});

test("a tool's output is told while it runs", async () => {
  const tool = createProbeTool({
    execute: (_input, { onOutput }) => {
      onOutput("one");
      onOutput("two");
      return { text: "all", isError: false };
    },
  });
  const { session } = await bench.open([{ calls: [{ name: "Probe", input: { value: "x" } }] }, { text: "ok" }], {
    tools: [tool],
  });
  const events = await collect(session, "go");
  expect(only(events, "tool-output").map(({ text }) => text)).toEqual(["one", "two"]);
  expect(findGrammarFault(events)).toBeNull();
});

test("what is said during a turn reaches the model before its next step, once", async () => {
  const { session, provider } = await bench.open(
    [{ calls: [{ name: "Probe", input: { value: "x" } }] }, { text: "fine" }, { text: "next" }],
    { tools: [createProbeTool({})] },
  );
  expect(session.send({ type: "steer", text: "too early" })).toBe(false);
  await collect(session, "go", {
    onEvent: (event) => {
      if (event.type === "tool-call-start") expect(session.send({ type: "steer", text: "in blue" })).toBe(true);
    },
  });
  await collect(session, "again");
  const said = provider.requests.map(({ messages }) => messages.filter(({ text }) => text === "in blue").length);
  expect(said).toEqual([0, 1, 1]);
  expect(provider.requests[1]?.messages.at(-1)).toEqual({ role: "user", text: "in blue" });
});

test("what is said while the model gives its last answer is answered too", async () => {
  const { session } = await bench.open([{ text: ["a", "b"] }, { text: "and this" }]);
  let isSaid = false;
  const events = await collect(session, "go", {
    onEvent: (event) => {
      if (event.type === "text-delta" && !isSaid) isSaid = session.send({ type: "steer", text: "also that" });
    },
  });
  expect(outcomeOf(events)).toEqual({ kind: "complete", text: "and this" });
});

test("the same call five times in a row is noted to the model, and a sixth time ends the turn", async () => {
  const same = { calls: [{ name: "Probe", input: { value: "x" } }] };
  const { session, provider } = await bench.open([same, same, same, same, same, same], {
    tools: [createProbeTool({})],
  });
  const events = await collect(session, "go");
  expect(provider.requests[5]?.messages.at(-1)?.text).toMatch(/Step back/);
  expect(only(events, "tool-call-start")).toHaveLength(5);
  expect(outcomeOf(events)).toMatchObject({ kind: "limit", limit: "repeated-calls" });
  expect(findGrammarFault(events)).toBeNull();
});

test("where nobody can answer, the step limit ends the turn", async () => {
  const call = (value: string) => ({ calls: [{ name: "Probe", input: { value } }] });
  const { session } = await bench.open([call("1"), call("2"), call("3")], {
    tools: [createProbeTool({})],
    maxSteps: 2,
    approvals: "reject",
  });
  const events = await collect(session, "go");
  expect(outcomeOf(events)).toMatchObject({ kind: "limit", limit: "max-turns" });
  expect(only(events, "step-start")).toHaveLength(2);
  expect(only(events, "loop-cap-reached")).toHaveLength(0);
});

test.each([
  [50, { kind: "complete", text: "done" }],
  [0, { kind: "limit", limit: "loop-cap" }],
] as const)("where someone answers, %i more steps are granted at the limit", async (steps, outcome) => {
  const { session } = await bench.open([{ calls: [{ name: "Probe", input: { value: "1" } }] }, { text: "done" }], {
    tools: [createProbeTool({})],
    maxSteps: 1,
  });
  const events = await collect(session, "go", {
    onEvent: (event) => {
      if (event.type !== "loop-cap-reached") return;
      expect(session.send({ type: "grant-steps", requestId: event.requestId, steps })).toBe(true);
      expect(session.send({ type: "grant-steps", requestId: event.requestId, steps })).toBe(false);
    },
  });
  expect(outcomeOf(events)).toMatchObject(outcome);
  expect(findGrammarFault(events)).toBeNull();
});

test("an answer that reached its output limit ends the turn with a warning", async () => {
  const { session } = await bench.open([{ text: "half a sent", finish: "length" }]);
  const events = await collect(session, "go");
  expect(only(events, "warning").map(({ code }) => code)).toEqual(["output_truncated"]);
  expect(outcomeOf(events)).toEqual({ kind: "complete", text: "half a sent" });
});

test("a second turn at the same time is refused, and the first is not harmed", async () => {
  const { session } = await bench.open([{ text: ["a", "b"], delayMs: 5 }]);
  const first = collect(session, "one");
  await expect(collect(session, "two")).rejects.toMatchObject({ code: "session_busy" });
  expect(outcomeOf(await first)).toEqual({ kind: "complete", text: "ab" });
});

test("system prompt and tools are byte-identical while nothing changes", async () => {
  const { session, provider } = await bench.open([{ text: "a" }, { text: "b" }]);
  await collect(session, "one");
  await collect(session, "two");
  const [first, second] = provider.requests;
  expect(second?.system).toBe(first?.system);
  expect(JSON.stringify(second?.tools)).toBe(JSON.stringify(first?.tools));
});
