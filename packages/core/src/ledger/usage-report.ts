import type { LedgerStore, UsageFilter, UsageGroup, UsageTotals } from "../store/ledger-store.ts";
import { type CacheDiagnosis, diagnoseCache } from "./diagnose-cache.ts";

/** What was used, and what it cost as far as prices are known. */
export interface UsageReport {
  readonly totals: UsageTotals;
  /** The dearest first. */
  readonly byModel: readonly UsageGroup[];
  /** Ascending UTC days. */
  readonly byDay: readonly UsageGroup[];
  /** Of the one session asked for, without its children; null for a report over all of them. */
  readonly cache: CacheDiagnosis | null;
}

/** Reads the ledger as `filter` says: a session counts with its children. */
export function readUsageReport(store: Pick<LedgerStore, "sumUsage" | "listUsage">, filter: UsageFilter): UsageReport {
  const byModel = store.sumUsage("model", filter);
  return {
    totals: sumTotals(byModel),
    byModel,
    byDay: store.sumUsage("day", filter),
    cache: filter.sessionId === null ? null : diagnoseCache(store.listUsage(filter.sessionId)),
  };
}

/** The sum of sums. Its cost is null when none of them has one. */
export function sumTotals(parts: readonly UsageTotals[]): UsageTotals {
  const sum = (pick: (part: UsageTotals) => number): number => parts.reduce((total, part) => total + pick(part), 0);
  const isPriced = parts.some((part) => part.costMicros !== null);
  return {
    inputTokens: sum((part) => part.inputTokens),
    outputTokens: sum((part) => part.outputTokens),
    cacheReadTokens: sum((part) => part.cacheReadTokens),
    cacheWriteTokens: sum((part) => part.cacheWriteTokens ?? 0),
    thinkingTokens: sum((part) => part.thinkingTokens),
    costMicros: isPriced ? sum((part) => part.costMicros ?? 0) : null,
    unpricedRequests: sum((part) => part.unpricedRequests),
    requests: sum((part) => part.requests),
  };
}
