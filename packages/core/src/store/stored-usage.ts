import type { UsageRecord } from "./ledger-store.ts";
import { toWholeNumber, toWholeNumberOrNull } from "./whole-number.ts";

/**
 * A request as every store keeps it: in whole numbers, and without what is not known.
 *
 * @throws {CoreError} `store_rejected` when a number is none.
 */
export function toStoredUsage(usage: UsageRecord): UsageRecord {
  const { cacheWriteTokens, ...rest } = usage;
  return {
    ...rest,
    step: toWholeNumber(usage.step),
    attempt: toWholeNumber(usage.attempt),
    retryAfterMs: toWholeNumberOrNull(usage.retryAfterMs),
    inputTokens: toWholeNumber(usage.inputTokens),
    outputTokens: toWholeNumber(usage.outputTokens),
    cacheReadTokens: toWholeNumber(usage.cacheReadTokens),
    ...(cacheWriteTokens === undefined ? {} : { cacheWriteTokens: toWholeNumber(cacheWriteTokens) }),
    thinkingTokens: toWholeNumber(usage.thinkingTokens),
    costMicros: toWholeNumberOrNull(usage.costMicros),
    durationMs: toWholeNumber(usage.durationMs),
  };
}
