import { expect, test } from "vitest";
import { createQuickEffects } from "../../test/fakes/quick-effects.ts";
import { type Script, ScriptedProvider } from "../../test/fakes/scripted-provider.ts";
import type { ModelRequest, StreamPart } from "../ports/llm-provider.ts";
import { type CompletionRequest, type CompletionUsage, createCompletions } from "./direct-completion.ts";

const usage = { inputTokens: 10, outputTokens: 5, cacheReadTokens: 2, cacheWriteTokens: 1, thinkingTokens: 0 };
const quiet: CompletionRequest = {
  system: "Be brief.",
  prompt: "Say hello.",
  label: "test",
  signal: new AbortController().signal,
};

function open(script: Script | ScriptedProvider) {
  const provider = script instanceof ScriptedProvider ? script : new ScriptedProvider(script);
  const effects = createQuickEffects();
  const booked: CompletionUsage[] = [];
  const complete = createCompletions({
    provider,
    effects,
    key: "s/1",
    recordUsage: (record) => booked.push(record),
  });
  return { complete, provider, effects, booked };
}

test("a completion has its prompt and nothing else: no history, no tools; its usage is booked under its label", async () => {
  const { complete, provider, booked } = open([{ text: ["Hel", "lo."], usage }]);
  expect(await complete(quiet)).toEqual({ kind: "finished", text: "Hello.", isTruncated: false });
  expect(provider.requests).toEqual<ModelRequest[]>([
    { system: "Be brief.", messages: [{ role: "user", text: "Say hello." }], tools: [] },
  ]);
  expect(booked).toEqual([
    {
      ...usage,
      label: "test",
      providerId: "scripted",
      model: "script-1",
      attempt: 1,
      outcome: "finished",
      failureCode: null,
      retryAfterMs: null,
      costMicros: null,
      durationMs: expect.any(Number),
      createdAtMs: expect.any(Number),
    },
  ]);
});

test("what may pass is tried again by the rules of a turn, each attempt booked; text of a failed one is gone", async () => {
  const { complete, effects, booked } = open([
    { text: "half", failure: { code: "rate_limited", message: "slow down", retryAfterMs: 7000 } },
    { text: "half", finish: "none" },
    { text: "whole" },
  ]);
  expect(await complete(quiet)).toMatchObject({ kind: "finished", text: "whole" });
  expect(effects.backoffsMs).toEqual([7000, expect.any(Number)]);
  expect(
    booked.map(({ attempt, outcome, failureCode, retryAfterMs }) => [attempt, outcome, failureCode, retryAfterMs]),
  ).toEqual([
    [1, "failed", "rate_limited", 7000],
    [2, "failed", "stream_cut", null],
    [3, "finished", null, null],
  ]);
});

test.each([
  ["a failure that will not pass", [{ failure: { code: "auth", message: "no key" } }], "auth"],
  ["an answer without text", [{ text: " " }], "bad_response"],
  ["a tool that nobody offered", [{ calls: [{ name: "Bash" }] }], "bad_response"],
] as const)("%s is a value", async (_title, script, code) => {
  const { complete, booked } = open(script);
  expect(await complete(quiet)).toMatchObject({ kind: "failed", failure: { code } });
  expect(booked).toHaveLength(1);
});

test("six attempts are made, not more", async () => {
  const { complete, booked } = open(
    Array.from({ length: 9 }, () => ({ failure: { code: "server", message: "500" } as const })),
  );
  expect(await complete(quiet)).toMatchObject({ kind: "failed", failure: { code: "server" } });
  expect(booked).toHaveLength(6);
});

test("an answer that is too long is cut, and its request stopped", async () => {
  let isStopped = false;
  let sent = 0;
  const endless = new (class extends ScriptedProvider {
    override async *stream(_request: ModelRequest): AsyncGenerator<StreamPart, void> {
      try {
        for (; ; sent += 1) yield { type: "text-delta", text: "abc" };
      } finally {
        isStopped = true;
      }
    }
  })([]);
  const { complete } = open(endless);
  expect(await complete({ ...quiet, maxChars: 10 })).toEqual({
    kind: "finished",
    text: "abcabcabca",
    isTruncated: true,
  });
  expect(isStopped).toBe(true);
  // Four are too many; one more may be on its way by then.
  expect(sent).toBeLessThanOrEqual(4);
});

test("an answer that reached the model's own limit is truncated", async () => {
  const { complete } = open([{ text: "abc", finish: "length" }]);
  expect(await complete(quiet)).toMatchObject({ text: "abc", isTruncated: true });
});

test("an abort rejects with its reason, also for a provider that ignores it, and is booked", async () => {
  const controller = new AbortController();
  const reason = new Error("cancelled");
  const { complete, booked } = open([{ text: "abc", usage, finish: "hang" }]);
  const answer = complete({ ...quiet, signal: controller.signal });
  setImmediate(() => controller.abort(reason));
  await expect(answer).rejects.toBe(reason);
  expect(booked).toMatchObject([{ outcome: "aborted", inputTokens: 10 }]);
  await expect(complete({ ...quiet, signal: controller.signal })).rejects.toBe(reason);
  expect(booked).toHaveLength(1);
});

test("every effect has a key of its own", async () => {
  const { complete, effects } = open([{ text: "a" }, { failure: { code: "network", message: "down" } }, { text: "b" }]);
  await complete(quiet);
  await complete(quiet);
  expect(effects.keys).toEqual([
    "s/1/completion/1/0",
    "s/1/completion/2/0",
    "s/1/completion/2/0/jitter",
    "s/1/completion/2/1",
  ]);
});

test("secrets are neither sent nor handed back", async () => {
  const provider = new ScriptedProvider([{ text: "It is hunter2." }]);
  const complete = createCompletions({
    provider,
    effects: createQuickEffects(),
    key: "s/1",
    recordUsage: () => undefined,
    redact: (text) => text.replaceAll("hunter2", "[secret]"),
  });
  const answer = await complete({ ...quiet, system: "Never say hunter2.", prompt: "Is it hunter2?" });
  expect(answer).toMatchObject({ text: "It is [secret]." });
  expect(JSON.stringify(provider.requests)).not.toContain("hunter2");
});
