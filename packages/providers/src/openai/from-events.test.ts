import fc from "fast-check";
import { expect, test } from "vitest";
import { ProviderError } from "../errors.ts";
import type { StreamPart } from "../llm-provider.ts";
import type { ServerSentEvent } from "../read-events.ts";
import { fromEvents } from "./from-events.ts";

type Delta = Readonly<Record<string, unknown>>;

const delta = (value: Delta, finishReason: string | null = null): string =>
  JSON.stringify({ choices: [{ index: 0, delta: value, finish_reason: finishReason }] });
const end = (reason: string): string => delta({}, reason);
const calls = (...toolCalls: readonly unknown[]): string => delta({ tool_calls: toolCalls });

async function run(
  data: readonly (string | ServerSentEvent)[],
  usedCallIds: readonly string[] = [],
): Promise<readonly StreamPart[]> {
  const events = data.map((one): ServerSentEvent => (typeof one === "string" ? { data: one } : one));
  let fresh = 0;
  const newCallId = (): string => {
    fresh += 1;
    return `fresh${fresh}`;
  };
  const parts: StreamPart[] = [];
  for await (const part of fromEvents(toAsync(events), { usedCallIds, newCallId, server: "S" })) parts.push(part);
  return parts;
}

async function* toAsync<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}

const callsOf = (parts: readonly StreamPart[]): unknown[] =>
  parts.flatMap((part) => (part.type === "tool-call" ? [[part.callId, part.name, part.argumentsJson]] : []));

test("a whole answer comes as parts in order, usage and finish last", async () => {
  const usage = {
    prompt_tokens: 50,
    completion_tokens: 7,
    prompt_tokens_details: { cached_tokens: 40 },
    completion_tokens_details: { reasoning_tokens: 5 },
  };
  const parts = await run([
    delta({ role: "assistant", content: "" }),
    delta({ reasoning_content: "hm", reasoning: "hm" }),
    delta({ content: "Hi" }),
    delta({ refusal: "no" }),
    calls({ index: 0, id: "a", function: { name: "Read", arguments: '{"pa' } }),
    calls({ index: 0, function: { arguments: 'th":1}' } }),
    end("tool_calls"),
    JSON.stringify({ choices: [], usage }),
    "[DONE]",
    delta({ content: "after the end" }),
  ]);
  expect(parts).toEqual([
    { type: "thinking-delta", text: "hm" },
    { type: "text-delta", text: "Hi" },
    { type: "text-delta", text: "no" },
    { type: "tool-call-start", callId: "a", name: "Read" },
    { type: "tool-call", callId: "a", name: "Read", argumentsJson: '{"path":1}' },
    { type: "usage", inputTokens: 50, outputTokens: 7, cacheReadTokens: 40, thinkingTokens: 5 },
    { type: "finish", reason: "tool-calls" },
  ]);
});

const two = [
  ["a", "F", '{"x":1}'],
  ["b", "G", '{"y":2}'],
];

test.each<{ dialect: string; data: readonly string[]; expected: readonly unknown[] }>([
  {
    dialect: "interleaved by index",
    data: [
      calls({ index: 0, id: "a", function: { name: "F", arguments: "" } }),
      calls({ index: 1, id: "b", function: { name: "G", arguments: '{"y"' } }),
      calls({ index: 0, function: { arguments: '{"x":1}' } }, { index: 1, function: { arguments: ":2}" } }),
    ],
    expected: two,
  },
  {
    dialect: "whole calls in one chunk, no index",
    data: [
      calls(
        { id: "a", function: { name: "F", arguments: '{"x":1}' } },
        { id: "b", function: { name: "G", arguments: '{"y":2}' } },
      ),
    ],
    expected: two,
  },
  {
    dialect: "fragments by id, no index",
    data: [
      calls({ id: "a", function: { name: "F", arguments: '{"x"' } }),
      calls({ id: "b", function: { name: "G", arguments: '{"y"' } }),
      calls({ id: "a", function: { arguments: ":1}" } }),
      calls({ id: "b", function: { arguments: ":2}" } }),
    ],
    expected: two,
  },
  {
    dialect: "every call numbered 0",
    data: [
      calls({ index: 0, id: "a", function: { name: "F", arguments: '{"x":1}' } }),
      calls({ index: 0, id: "b", function: { name: "G", arguments: '{"y":2}' } }),
    ],
    expected: two,
  },
  {
    dialect: "id and name repeated in every fragment",
    data: [
      calls({ index: 0, id: "a", function: { name: "F", arguments: '{"x"' } }),
      calls({ index: 0, id: "a", function: { name: "F", arguments: ":1}" } }),
      calls({ index: 0, id: "a", function: { name: "F", arguments: "" } }),
      calls({ index: 1, id: "b", function: { name: "G", arguments: '{"y":2}' } }),
    ],
    expected: two,
  },
  {
    dialect: "one id for both calls",
    data: [
      calls({ id: "a", function: { name: "F", arguments: '{"x":1}' } }),
      calls({ id: "a", function: { name: "G", arguments: '{"y":2}' } }),
    ],
    expected: [two[0], ["fresh1", "G", '{"y":2}']],
  },
  {
    dialect: "no ids at all",
    data: [
      calls({ function: { name: "F", arguments: '{"x":1}' } }),
      calls({ function: { name: "G", arguments: '{"y":' } }),
      calls({ function: { arguments: "2}" } }),
    ],
    expected: [
      ["fresh1", "F", '{"x":1}'],
      ["fresh2", "G", '{"y":2}'],
    ],
  },
  {
    dialect: "an id of an earlier answer",
    data: [calls({ id: "old", function: { name: "F", arguments: "{}" } })],
    expected: [["fresh1", "F", "{}"]],
  },
  {
    dialect: "arguments as an object, or missing",
    data: [calls({ id: "a", function: { name: "F", arguments: { x: 1 } } }, { id: "b", function: { name: "G" } })],
    expected: [two[0], ["b", "G", "{}"]],
  },
  {
    dialect: "arguments that are no JSON",
    data: [calls({ id: "a", function: { name: "F", arguments: '{"x' } })],
    expected: [["a", "F", '{"x']],
  },
  {
    dialect: "a fragment of no call",
    data: [
      calls({ index: 3, function: { arguments: "{}" } }),
      calls({ index: 0, id: "a", function: { name: "F", arguments: '{"x":1}' } }),
    ],
    expected: [two[0]],
  },
])("tool calls are put together: $dialect", async ({ data, expected }) => {
  const parts = await run([...data, end("stop")], ["old"]);
  expect(callsOf(parts)).toEqual(expected);
  expect(parts.at(-1)).toEqual({ type: "finish", reason: "tool-calls" });
});

test.each([
  ["stop", "stop"],
  ["length", "length"],
  ["content_filter", "content-filter"],
  ["function_call", "stop"],
  ["eos", "other"],
])("finish reason %s is %s", async (wire, reason) => {
  expect(await run([delta({ content: "x" }), end(wire)])).toContainEqual({ type: "finish", reason });
});

test("[DONE] without a finish reason ends an answer", async () => {
  expect((await run([delta({ content: "x" }), "[DONE]"])).at(-1)).toEqual({ type: "finish", reason: "stop" });
});

test("a finish reason without [DONE] ends an answer", async () => {
  expect((await run([delta({ content: "x" }), end("stop")])).at(-1)).toEqual({ type: "finish", reason: "stop" });
});

test("usage that grows with every chunk is told once, as it was last", async () => {
  const chunk = (tokens: number): string =>
    JSON.stringify({ choices: [{ delta: { content: "x" } }], usage: { prompt_tokens: 9, completion_tokens: tokens } });
  const parts = await run([chunk(1), chunk(2), end("stop")]);
  expect(parts.filter((part) => part.type === "usage")).toEqual([
    { type: "usage", inputTokens: 9, outputTokens: 2, cacheReadTokens: 0, thinkingTokens: 0 },
  ]);
});

test("a broken line that ran together with a good one does not take it along", async () => {
  expect(await run([`{oops\n${delta({ content: "kept" })}`, end("stop")])).toContainEqual({
    type: "text-delta",
    text: "kept",
  });
});

test("an answer that does not stream is read as one chunk", async () => {
  const message = { content: "Hi", tool_calls: [{ id: "a", function: { name: "F", arguments: "{}" } }] };
  const parts = await run([JSON.stringify({ choices: [{ message, finish_reason: "tool_calls" }] }), "[DONE]"]);
  expect(parts).toContainEqual({ type: "text-delta", text: "Hi" });
  expect(callsOf(parts)).toEqual([["a", "F", "{}"]]);
});

test.each<{ name: string; data: readonly (string | ServerSentEvent)[]; code: string }>([
  { name: "nothing", data: [], code: "bad_response" },
  { name: "only [DONE]", data: ["[DONE]"], code: "bad_response" },
  { name: "only broken lines", data: ["{", "nonsense"], code: "bad_response" },
  { name: "text and no end", data: [delta({ content: "x" })], code: "stream_cut" },
  { name: "an error as text", data: [JSON.stringify({ error: "out of memory" })], code: "server" },
  { name: "an event named error", data: [{ event: "error", data: '{"message":"x","code":"503"}' }], code: "server" },
  { name: "an event named error, no JSON", data: [{ event: "error", data: "boom" }], code: "server" },
  { name: "a key refused", data: [JSON.stringify({ error: { code: "invalid_api_key" } })], code: "auth" },
])("a stream of $name fails as $code", async ({ data, code }) => {
  await expect(run(data)).rejects.toMatchObject({ name: "ProviderError", code });
});

test("any events give parts that end in finish, or our error", async () => {
  const fragment = fc.record(
    {
      index: fc.option(fc.nat(2)),
      id: fc.option(fc.constantFrom("a", "b", "")),
      function: fc.record({ name: fc.option(fc.constantFrom("F", "")), arguments: fc.option(fc.string()) }),
    },
    { requiredKeys: [] },
  );
  const likely = fc
    .record({ content: fc.option(fc.string()), tool_calls: fc.option(fc.array(fragment)) }, { requiredKeys: [] })
    .map((value) => delta(value));
  const event = fc.oneof(likely, fc.json(), fc.string(), fc.constantFrom("[DONE]", end("stop"), end("length")));
  await fc.assert(
    fc.asyncProperty(fc.array(event), async (data) => {
      const parts = await run(data).catch((error: unknown) => {
        expect(error).toBeInstanceOf(ProviderError);
        return null;
      });
      if (parts === null) return;
      expect(parts.at(-1)?.type).toBe("finish");
      const ids = parts.flatMap((part) => (part.type === "tool-call" ? [part.callId] : []));
      expect(new Set(ids).size).toBe(ids.length);
      expect(parts.flatMap((part) => (part.type === "tool-call-start" ? [part.callId] : []))).toEqual(ids);
    }),
  );
});
