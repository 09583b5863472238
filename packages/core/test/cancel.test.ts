import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { EngineEvent } from "../src/events/engine-event.ts";
import type { ToolContext, ToolResult } from "../src/tools/tool.ts";
import { findGrammarFault } from "./fakes/event-grammar.ts";
import { createProbeTool } from "./fakes/probe-tool.ts";
import { collect, only, Workbench } from "./fakes/workbench.ts";

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => bench[Symbol.asyncDispose]());

const call = { calls: [{ name: "Probe", input: { value: "x" } }] };

/** Ends when it is told to. */
const waitForAbort = (signal: AbortSignal): Promise<ToolResult> =>
  new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve({ text: "stopped", isError: true }), { once: true });
  });

/** A tool that does what `execute` does once it has said that it runs. */
const running = (execute: (context: ToolContext) => Promise<ToolResult>) =>
  createProbeTool({
    effect: "local-mutation",
    execute: (_input, context) => {
      context.onOutput("running");
      return execute(context);
    },
  });

test.each([
  ["a model that hangs and ignores the signal", { text: "par", finish: "hang" } as const, "text-delta"],
  ["a tool that ignores the signal", call, "tool-output"],
] as const)("cancelling in %s ends the turn, and the next one works", async (_name, answer, at) => {
  let hasToolEnded = false;
  const tool = running(async () => {
    await delay(300);
    hasToolEnded = true;
    return { text: "late", isError: false };
  });
  const { session, provider } = await bench.open([answer, { text: "again" }], { tools: [tool] });
  const events = await collect(session, "go", {
    onEvent: (event) => {
      if (event.type === at) expect(session.send({ type: "cancel" })).toBe(true);
    },
  });
  expect(events.at(-1)).toMatchObject({ type: "turn-end", outcome: { kind: "cancelled" } });
  expect(hasToolEnded).toBe(false);
  expect(findGrammarFault(events)).toBeNull();
  expect(session.send({ type: "cancel" })).toBe(false);

  const next = await collect(session, "go on");
  expect(next.at(-1)).toMatchObject({ outcome: { kind: "complete", text: "again" } });
  const told = JSON.stringify(provider.requests[1]?.messages);
  expect(told).toMatch(at === "text-delta" ? /par\\n\\n\[.*cut off/ : /cancelled while it ran/);
});

test("a tool that stops in time says itself how far it came", async () => {
  const tool = running(
    ({ signal }) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve({ text: "killed after 3 lines", isError: true }), {
          once: true,
        });
      }),
  );
  const { session } = await bench.open([call], { tools: [tool] });
  const events = await collect(session, "go", {
    onEvent: (event) => {
      if (event.type === "tool-output") session.send({ type: "cancel" });
    },
  });
  expect(only(events, "tool-call-end")[0]).toMatchObject({ outcome: "cancelled", text: "killed after 3 lines" });
});

test("the caller's signal cancels too, and one that has fired before lets nothing run", async () => {
  const { session, provider } = await bench.open([{ text: "never" }]);
  const events = await collect(session, "go", { signal: AbortSignal.abort() });
  expect(events.map(({ type }) => type)).toEqual(["turn-start", "turn-end"]);
  expect(events.at(-1)).toMatchObject({ outcome: { kind: "cancelled" } });
  expect(provider.requests).toHaveLength(0);
});

test("leaving the loop early stops the work, and the turn still has its end", async () => {
  let isStopped = false;
  const tool = running(async ({ signal }) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    isStopped = true;
    return { text: "", isError: true };
  });
  const { session } = await bench.open([call, { text: "again" }], { tools: [tool] });
  const heard: EngineEvent[] = [];
  session.subscribe((event) => heard.push(event));
  for await (const event of session.runTurn("go")) {
    if (event.type === "tool-output") break;
  }
  expect(isStopped).toBe(true);
  expect(heard.at(-1)).toMatchObject({ type: "turn-end", outcome: { kind: "cancelled" } });
  expect(findGrammarFault(heard)).toBeNull();
  expect((await collect(session, "next")).at(-1)).toMatchObject({ outcome: { kind: "complete" } });
});

test("calls that have not started when the turn is cancelled never do, and the model reads so", async () => {
  const started: string[] = [];
  const tool = createProbeTool({
    effect: "local-mutation",
    execute: ({ value }, { signal }) => {
      started.push(value);
      return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
  });
  const { session, provider } = await bench.open(
    [{ calls: ["1", "2", "3"].map((value) => ({ name: "Probe", input: { value } })) }, { text: "ok" }],
    { tools: [tool] },
  );
  await collect(session, "go", {
    onEvent: (event) => {
      if (event.type === "tool-call-start") session.send({ type: "cancel" });
    },
  });
  await collect(session, "next");
  expect(started).toEqual(["1"]);
  expect(provider.requests[1]?.messages.filter(({ role }) => role === "tool").map(({ text }) => text)).toEqual([
    expect.stringContaining("cancelled"),
    expect.stringContaining("was not run"),
    expect.stringContaining("was not run"),
  ]);
});

test("cancelling while a question is open ends the question as a no", async () => {
  const { session } = await bench.open([call], { tools: [createProbeTool({ effect: "destructive" })], mode: "safe" });
  const events = await collect(session, "go", {
    onEvent: (event) => {
      if (event.type === "approval-request") session.send({ type: "cancel" });
    },
  });
  expect(only(events, "approval-end")[0]).toMatchObject({ outcome: "rejected" });
  expect(only(events, "tool-call-end")[0]).toMatchObject({ outcome: "cancelled" });
  expect(findGrammarFault(events)).toBeNull();
});

test("cancelling between two attempts ends the turn at once", async () => {
  const { session } = await bench.open([{ failure: { code: "server", message: "no", retryAfterMs: 60_000 } }]);
  const events = await collect(session, "go", {
    onEvent: (event) => {
      if (event.type === "retry") session.send({ type: "cancel" });
    },
  });
  expect(events.at(-1)).toMatchObject({ outcome: { kind: "cancelled" } });
});

test("a read that is cancelled keeps the mutation after it from starting", async () => {
  const mutated: string[] = [];
  const slow = createProbeTool({ name: "Slow", execute: (_input, { signal }) => waitForAbort(signal) });
  const mutation = createProbeTool({
    effect: "local-mutation",
    execute: ({ value }) => {
      mutated.push(value);
      return { text: "", isError: false };
    },
  });
  const calls = ["Slow", "Probe"].map((name) => ({ name, input: { value: "x" } }));
  const { session } = await bench.open([{ calls }], { tools: [slow, mutation] });
  const events = await collect(session, "go", {
    onEvent: (event) => {
      if (event.type === "tool-call-start") session.send({ type: "cancel" });
    },
  });
  expect(mutated).toEqual([]);
  expect(only(events, "tool-call-start").map(({ name }) => name)).toEqual(["Slow"]);
});

test("a cancel right after a yes wins: the call does not run", async () => {
  let hasRun = false;
  const tool = createProbeTool({
    effect: "destructive",
    execute: () => {
      hasRun = true;
      return { text: "", isError: false };
    },
  });
  const { session } = await bench.open([call], { tools: [tool], mode: "safe" });
  const events = await collect(session, "go", {
    onEvent: (event) => {
      if (event.type !== "approval-request") return;
      session.send({ type: "approve", requestId: event.requestId, scope: "once" });
      session.send({ type: "cancel" });
    },
  });
  expect(hasRun).toBe(false);
  expect(only(events, "tool-call-end")[0]).toMatchObject({ outcome: "cancelled" });
});

test("what a tool says after its call was given up is not told", async () => {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const tool = running(async ({ onOutput }) => {
    await delay(100);
    onOutput("late");
    resolve();
    return { text: "late", isError: false };
  });
  const { session } = await bench.open([call], { tools: [tool] });
  const heard: EngineEvent[] = [];
  session.subscribe((event) => heard.push(event));
  await collect(session, "go", {
    onEvent: (event) => {
      if (event.type === "tool-output") session.send({ type: "cancel" });
    },
  });
  await ended;
  expect(heard.at(-1)?.type).toBe("turn-end");
});

test("disposing waits until the cancelled turn is stored", async () => {
  const { session } = await bench.open([{ text: "part", finish: "hang" }]);
  const { promise: isRunning, resolve } = Promise.withResolvers<void>();
  const turn = collect(session, "go", { onEvent: (event) => event.type === "text-delta" && resolve() });
  await isRunning;
  await Promise.all([session[Symbol.asyncDispose](), session[Symbol.asyncDispose]()]);
  expect(bench.store.readEntries(session.id).at(-1)?.content).toEqual({
    kind: "turn-end",
    outcome: { kind: "cancelled" },
  });
  await turn;
});

test("disposing cancels the turn, waits for slow tools, and may happen twice", async () => {
  let hasEnded = false;
  const tool = running(async () => {
    await delay(150);
    hasEnded = true;
    return { text: "", isError: false };
  });
  const { session } = await bench.open([call], { tools: [tool] });
  const turn = collect(session, "go", {
    onEvent: (event) => {
      if (event.type === "tool-output") void session[Symbol.asyncDispose]();
    },
  });
  expect((await turn).at(-1)).toMatchObject({ outcome: { kind: "cancelled" } });
  await session[Symbol.asyncDispose]();
  expect(hasEnded).toBe(true);
  await expect(collect(session, "late")).rejects.toMatchObject({ code: "session_busy" });
});
