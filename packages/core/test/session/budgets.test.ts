import { afterEach, beforeEach, expect, test } from "vitest";
import { findGrammarFault } from "../fakes/event-grammar.ts";
import { createProbeTool } from "../fakes/probe-tool.ts";
import { type Script, ScriptedProvider } from "../fakes/scripted-provider.ts";
import { collect, gather, only, Workbench } from "../fakes/workbench.ts";

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => bench[Symbol.asyncDispose]());

/** Ten dollars for a million of each: a request of these tokens costs 0.00015 dollars. */
const price = { input: 10, output: 10 };
const usage = { inputTokens: 10, outputTokens: 5, cacheReadTokens: 0, thinkingTokens: 0 };
const call = { text: "look", calls: [{ name: "Probe", input: { value: "x" } }], usage };
const tools = [createProbeTool({})];
const priced = (script: Script): ScriptedProvider => Object.assign(new ScriptedProvider(script), { price });

test("a turn that has cost what it may ends before its next step; the next turn has its own budget", async () => {
  const provider = priced([call, call, call, { text: "ok", usage }]);
  const { session } = await bench.open(provider, { tools, budget: { maxCostMicros: 300 } });
  const events = await collect(session, "go");
  expect(findGrammarFault(events)).toBeNull();
  expect(events.at(-1)).toMatchObject({ outcome: { kind: "limit", limit: "max-cost" } });
  expect(provider.requests).toHaveLength(2);
  expect(only(events, "tool-call-end")).toHaveLength(2);
  expect(bench.store.readUsage(session.id)).toMatchObject({ costMicros: 300, inputTokens: 20, requests: 2 });
  const again = await collect(session, "more");
  expect(again.at(-1)).toMatchObject({ outcome: { kind: "complete" } });
});

test("a failed attempt that was billed counts, too", async () => {
  const provider = priced([
    { text: "half", usage, failure: { code: "network", message: "gone" } },
    call,
    { text: "ok", usage },
  ]);
  const { session } = await bench.open(provider, { tools, budget: { maxCostMicros: 300 } });
  const events = await collect(session, "go");
  expect(events.at(-1)).toMatchObject({ outcome: { kind: "limit", limit: "max-cost" } });
});

test("without a price the limit on cost is said to be blind, once, and the turn goes on", async () => {
  const { session } = await bench.open([call, call, call, { text: "ok", usage }], {
    tools,
    budget: { maxCostMicros: 1 },
  });
  const events = await collect(session, "go");
  expect(events.at(-1)).toMatchObject({ outcome: { kind: "complete" } });
  expect(only(events, "warning").map(({ code }) => code)).toEqual(["budget_blind"]);
  expect(bench.store.readUsage(session.id)).toMatchObject({ costMicros: null, unpricedRequests: 4 });
});

test("a turn that has taken as long as it may ends in the middle of a call, and the tool is told to stop", async () => {
  let isStopped = false;
  const slow = createProbeTool({
    effect: "local-mutation",
    execute: (_input, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          isStopped = true;
          reject(signal.reason);
        });
      }),
  });
  const { session } = await bench.open([call], { tools: [slow], budget: { maxTurnMs: 50 } });
  const events = await collect(session, "go");
  expect(findGrammarFault(events)).toBeNull();
  expect(isStopped).toBe(true);
  expect(only(events, "tool-call-end")).toMatchObject([{ outcome: "cancelled" }]);
  expect(events.at(-1)).toMatchObject({ outcome: { kind: "limit", limit: "timeout" } });
  expect(bench.store.readEntries(session.id).at(-1)?.content).toMatchObject({ outcome: { limit: "timeout" } });
});

test("a turn that has taken as long as it may keeps the text that it was given until then", async () => {
  const { session } = await bench.open([{ text: ["half ", "of it"], finish: "hang" }], { budget: { maxTurnMs: 50 } });
  const events = await collect(session, "go");
  expect(events.at(-1)).toMatchObject({ outcome: { kind: "limit", limit: "timeout" } });
  expect(bench.store.readEntries(session.id)[1]?.content).toMatchObject({ text: "half of it", isComplete: false });
});

test("every attempt is on record: why it failed, what it cost, and no word that anybody said", async () => {
  const provider = priced([
    { text: "some", usage, failure: { code: "server", message: "a secret word", retryAfterMs: 7 } },
    { failure: { code: "rate_limited", message: "a secret word" } },
    { text: "the answer", usage },
  ]);
  const { session } = await bench.open(provider);
  const events = await collect(session, "go");
  const common = { turnId: expect.any(String), label: "turn", providerId: "scripted", model: "script-1", step: 1 };
  expect(bench.store.listUsage(session.id)).toMatchObject([
    { ...common, attempt: 1, outcome: "failed", failureCode: "server", retryAfterMs: 7, costMicros: 150 },
    { ...common, attempt: 2, outcome: "failed", failureCode: "rate_limited", retryAfterMs: null, costMicros: null },
    { ...common, attempt: 3, outcome: "finished", failureCode: null, costMicros: 150 },
  ]);
  expect(JSON.stringify(bench.store.listUsage(session.id))).not.toContain("secret word");
  expect(only(events, "usage").map(({ attempt, costMicros }) => [attempt, costMicros])).toEqual([
    [1, 150],
    [2, null],
    [3, 150],
  ]);
  expect(only(events, "text-retract")).toHaveLength(1);
  const texts = bench.store.readEntries(session.id).map(({ content }) => "text" in content && content.text);
  expect(texts).toEqual(["go", "the answer", false]);
});

test("what a turn has cost before a pause counts when it goes on", async () => {
  const provider = priced([call, call, call, { text: "ok", usage }]);
  const { session } = await bench.open(provider, { tools, budget: { maxCostMicros: 300 } });
  let isPaused = false;
  session.subscribe(({ type }) => {
    if (type !== "tool-call-end" || isPaused) return;
    isPaused = session.pause();
  });
  await collect(session, "go");
  session.resume();
  const events = await gather(session.continueTurn());
  expect(events.at(-1)).toMatchObject({ outcome: { kind: "limit", limit: "max-cost" } });
  expect(provider.requests).toHaveLength(2);
});
