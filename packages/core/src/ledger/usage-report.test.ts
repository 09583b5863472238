import { expect, test } from "vitest";
import type { UsageFilter, UsageGroup } from "../store/ledger-store.ts";
import { readUsageReport, sumTotals } from "./usage-report.ts";

const group = (key: string, fields: Partial<UsageGroup>): UsageGroup => ({
  key,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  thinkingTokens: 0,
  costMicros: null,
  unpricedRequests: 0,
  requests: 1,
  ...fields,
});

test("two replies of 100 and 20, 150 and 30 tokens total 250 and 50", () => {
  const totals = sumTotals([
    group("m", { inputTokens: 100, outputTokens: 20 }),
    group("n", { inputTokens: 150, outputTokens: 30 }),
  ]);
  expect(totals).toMatchObject({ inputTokens: 250, outputTokens: 50, requests: 2 });
});

test("costs that are known are summed beside those that are not", () => {
  const totals = sumTotals([group("m", { costMicros: 7 }), group("n", { unpricedRequests: 1 })]);
  expect(totals).toMatchObject({ costMicros: 7, unpricedRequests: 1 });
});

test("without one known price the total cost is not known", () => {
  expect(sumTotals([group("m", { unpricedRequests: 1 })]).costMicros).toBeNull();
  expect(sumTotals([]).costMicros).toBeNull();
});

test("a report asks for models and days with the filter as given, and looks at the cache of one session only", () => {
  const asked: UsageFilter[] = [];
  const store = {
    sumUsage: (by: "model" | "day", given: UsageFilter) => {
      asked.push(given);
      return [group(by === "model" ? "m" : "2026-01-31", { inputTokens: 3 })];
    },
    listUsage: () => [],
  };
  const filter = { sessionId: null, model: "m", fromMs: 1, toMs: 2 };
  expect(readUsageReport(store, filter)).toMatchObject({
    totals: { inputTokens: 3 },
    byModel: [{ key: "m" }],
    byDay: [{ key: "2026-01-31" }],
    cache: null,
  });
  expect(asked).toEqual([filter, filter]);
  expect(readUsageReport(store, { sessionId: "s" }).cache).toMatchObject({ verdict: "no-reads" });
});
