import { expect, test } from "vitest";
import type { UsageRecord } from "../store/ledger-store.ts";
import { diagnoseCache } from "./diagnose-cache.ts";

const request = (fields: Partial<UsageRecord>): UsageRecord => ({
  turnId: "t",
  label: "turn",
  providerId: "p",
  model: "m",
  step: 1,
  attempt: 1,
  outcome: "finished",
  failureCode: null,
  retryAfterMs: null,
  costMicros: null,
  durationMs: 0,
  createdAtMs: 0,
  inputTokens: 5000,
  outputTokens: 10,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  thinkingTokens: 0,
  ...fields,
});

test("a warmed session whose reads fall to zero is flagged, with what it lost and how long it had paused", () => {
  const diagnosis = diagnoseCache([
    request({ cacheWriteTokens: 4000, createdAtMs: 1000 }),
    request({ step: 2, cacheReadTokens: 4000, createdAtMs: 2000 }),
    request({ step: 3, createdAtMs: 9000 }),
  ]);
  expect(diagnosis).toEqual({
    verdict: "went-cold",
    readTokens: 4000,
    writtenTokens: 4000,
    uncachedTokens: 7000,
    drops: [{ turnId: "t", step: 3, model: "m", lostTokens: 4000, idleMs: 7000, createdAtMs: 9000 }],
  });
});

test("a session that is warm again keeps the drop on record", () => {
  const reads = [4000, 0, 4000].map((cacheReadTokens) => request({ cacheReadTokens }));
  const { verdict, drops } = diagnoseCache(reads);
  expect([verdict, drops.length]).toEqual(["warm", 1]);
});

test("a session that stays cold is one drop", () => {
  const reads = [4000, 0, 0, 0].map((cacheReadTokens) => request({ cacheReadTokens }));
  expect(diagnoseCache(reads)).toMatchObject({ verdict: "went-cold", drops: [{ lostTokens: 4000 }] });
});

test.each<[string, readonly Partial<UsageRecord>[]]>([
  ["nothing was asked", []],
  ["a provider never tells of reads", [{}, {}]],
  ["only a title was read from a cache", [{ label: "title", cacheReadTokens: 4000 }, {}]],
])("there is nothing to say when %s", (_case, requests) => {
  expect(diagnoseCache(requests.map(request))).toMatchObject({ verdict: "no-reads", drops: [] });
});

test.each<[string, Partial<UsageRecord>]>([
  ["of another model", { model: "n" }],
  ["of another provider", { providerId: "q" }],
  ["for a summary", { label: "compaction" }],
  ["that is shorter than what was read", { inputTokens: 3000 }],
  ["that reported nothing", { inputTokens: 0 }],
])("a request %s is no drop", (_case, fields) => {
  expect(diagnoseCache([request({ cacheReadTokens: 4000 }), request(fields)])).toMatchObject({
    verdict: "warm",
    drops: [],
  });
});
