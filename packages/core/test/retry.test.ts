import { afterEach, beforeEach, expect, test } from "vitest";
import type { LlmFailureCode } from "../src/ports/llm-provider.ts";
import { findGrammarFault } from "./fakes/event-grammar.ts";
import { createProbeTool } from "./fakes/probe-tool.ts";
import { collect, only, Workbench } from "./fakes/workbench.ts";

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => bench[Symbol.asyncDispose]());

const failure = (code: LlmFailureCode, retryAfterMs?: number) => ({ code, message: "no", retryAfterMs });

test.each(["rate_limited", "server", "network", "stream_cut"] as const)("%s is tried again", async (code) => {
  const { session, effects } = await bench.open([{ failure: failure(code) }, { text: "fine" }]);
  const events = await collect(session, "go");
  expect(only(events, "retry")).toEqual([
    { type: "retry", attempt: 1, waitMs: effects.backoffsMs[0], reason: `${code}: no` },
  ]);
  expect(only(events, "text-retract")).toHaveLength(0);
  expect(events.at(-1)).toMatchObject({ outcome: { kind: "complete", text: "fine" } });
  expect(findGrammarFault(events)).toBeNull();
});

test.each(["auth", "bad_request", "context_overflow", "unconfigured", "bad_response"] as const)(
  "%s ends the turn at once",
  async (code) => {
    const { session, provider } = await bench.open([{ failure: failure(code) }]);
    const events = await collect(session, "go");
    expect(events.at(-1)).toMatchObject({ outcome: { kind: "error", code, message: "no" } });
    expect(provider.requests).toHaveLength(1);
    expect(findGrammarFault(events)).toBeNull();
  },
);

test("a failure of no known shape ends the turn as a bad response", async () => {
  const { session } = await bench.open([
    () => {
      throw new Error("adapter bug");
    },
  ]);
  const events = await collect(session, "go");
  expect(events.at(-1)).toMatchObject({ outcome: { kind: "error", code: "bad_response", message: "adapter bug" } });
});

test("what the server asks for is waited, and after five more attempts it is over", async () => {
  const { session, effects, provider } = await bench.open(Array(9).fill({ failure: failure("rate_limited", 1234) }));
  const events = await collect(session, "go");
  expect(effects.backoffsMs).toEqual([1234, 1234, 1234, 1234, 1234]);
  expect(provider.requests).toHaveLength(6);
  expect(events.at(-1)).toMatchObject({ outcome: { kind: "error", code: "rate_limited" } });
});

test("text of a failed attempt is retracted and never reaches the model or the record", async () => {
  const { session, provider } = await bench.open([
    { text: "wrong", failure: failure("stream_cut") },
    { text: "right" },
    { text: "bye" },
  ]);
  const events = await collect(session, "go");
  expect(events.map(({ type }) => type).slice(2, 8)).toEqual([
    "context-usage",
    "text-delta",
    "usage",
    "text-retract",
    "retry",
    "text-delta",
  ]);
  await collect(session, "again");
  expect(JSON.stringify(provider.requests[2])).not.toContain("wrong");
  expect(JSON.stringify(session.transcript())).not.toContain("wrong");
});

test("an answer without an end is a cut stream, and its calls do not run", async () => {
  const { session } = await bench.open([
    { text: "a", calls: [{ name: "Delete", input: { path: "x" } }], finish: "none" },
    { text: "b" },
  ]);
  const events = await collect(session, "go");
  expect(only(events, "retry")[0]?.reason).toMatch(/^stream_cut/);
  expect(only(events, "tool-call-start")).toHaveLength(0);
});

test("when every attempt was cut, the last partial text is kept and marked for the model", async () => {
  const { session, provider } = await bench.open([
    ...Array(6).fill({ text: "partial", failure: failure("network") }),
    { text: "ok" },
  ]);
  await collect(session, "go");
  expect(session.transcript()).toContainEqual({ role: "assistant", text: "partial", isComplete: false });
  await collect(session, "again");
  expect(provider.requests[6]?.messages[1]?.text).toMatch(/^partial\n\n\[.*cut off/);
});

test("an empty answer is tried once more, and then it is an error, never a success", async () => {
  const { session, provider } = await bench.open([{}, { thinking: "only" }, { text: "never asked" }]);
  const events = await collect(session, "go");
  expect(provider.requests).toHaveLength(2);
  expect(events.at(-1)).toMatchObject({ outcome: { kind: "error", code: "bad_response" } });
  expect(findGrammarFault(events)).toBeNull();
});

test("a request that was too long is made once more, with a summary in place of what came first", async () => {
  const read = createProbeTool({ name: "Read", execute: ({ value }) => ({ text: value.repeat(300), isError: false }) });
  const calls = (letters: string) => [...letters].map((value) => ({ name: "Read", input: { value } }));
  const overflow = { failure: failure("context_overflow") };
  const { session, provider } = await bench.open(
    [
      { calls: calls("abc") },
      { calls: calls("defg") },
      overflow,
      { text: "SUMMARY" },
      { text: "fits" },
      overflow,
      { text: "" },
    ],
    { tools: [read] },
  );
  const events = await collect(session, "go");
  expect(events.at(-1)).toMatchObject({ outcome: { kind: "complete", text: "fits" } });
  expect(only(events, "context-shrunk")).toMatchObject([{ step: "summarised" }]);
  expect(provider.requests[4]?.messages[0]?.text).toContain("SUMMARY");
  expect(JSON.stringify(provider.requests[4]?.messages)).not.toContain("aaa");
  expect(provider.requests[4]?.messages.length).toBeLessThan(provider.requests[2]?.messages.length ?? 0);
  // The record is whole: what was summarised is still there.
  expect(JSON.stringify(bench.store.readCalls(session.id))).toContain("aaa");
});

test("a request that is too long ends the turn when it cannot be shortened", async () => {
  const overflow = { failure: failure("context_overflow") };
  const { session, provider } = await bench.open([overflow]);
  expect((await collect(session, "go")).at(-1)).toMatchObject({ outcome: { kind: "error", code: "context_overflow" } });
  expect(provider.requests).toHaveLength(1);
});
