import type { UsageRecord } from "../store/ledger-store.ts";

/** How well the provider's prompt cache served the turns of a session. */
export interface CacheDiagnosis {
  /**
   * `no-reads`: nothing was ever read from a cache; the provider may have none, or not tell. `warm`: the last request
   * read from it. `went-cold`: it was read from before, and the last request that could have did not.
   */
  readonly verdict: "no-reads" | "warm" | "went-cold";
  readonly readTokens: number;
  readonly writtenTokens: number;
  /** Input at the full price. */
  readonly uncachedTokens: number;
  /** Every time reads fell to zero. */
  readonly drops: readonly CacheDrop[];
}

/** A request that read nothing from the cache, though the one before it by the same model did. */
export interface CacheDrop {
  readonly turnId: string;
  readonly step: number;
  readonly model: string;
  /** What the request before read; about what this one paid for again. */
  readonly lostTokens: number;
  /** Since the request before. Providers forget after some minutes: a long pause explains a drop. */
  readonly idleMs: number;
  readonly createdAtMs: number;
}

/**
 * Looks at the requests of a session's turns, in the order they were made. Other requests (a title, a summary) have
 * prompts of their own and are left out, as are those that reported no input. A request that is shorter than what was
 * read before could not have read it: the context was shrunk in between, so it is no drop.
 */
export function diagnoseCache(usage: readonly UsageRecord[]): CacheDiagnosis {
  const requests = usage.filter(({ label, inputTokens }) => label === "turn" && inputTokens > 0);
  const lastByModel = new Map<string, UsageRecord>();
  const drops: CacheDrop[] = [];
  let verdict: CacheDiagnosis["verdict"] = "no-reads";
  for (const request of requests) {
    const model = `${request.providerId} ${request.model}`;
    const before = lastByModel.get(model);
    const couldRead =
      before !== undefined && before.cacheReadTokens > 0 && request.inputTokens >= before.cacheReadTokens;
    if (request.cacheReadTokens > 0) verdict = "warm";
    else if (couldRead) {
      verdict = "went-cold";
      drops.push({
        turnId: request.turnId,
        step: request.step,
        model: request.model,
        lostTokens: before.cacheReadTokens,
        idleMs: Math.max(0, request.createdAtMs - before.createdAtMs),
        createdAtMs: request.createdAtMs,
      });
    }
    lastByModel.set(model, request);
  }
  const sum = (pick: (request: UsageRecord) => number): number =>
    requests.reduce((total, request) => total + pick(request), 0);
  const readTokens = sum((request) => request.cacheReadTokens);
  const writtenTokens = sum((request) => request.cacheWriteTokens ?? 0);
  const uncachedTokens = Math.max(0, sum((request) => request.inputTokens) - readTokens - writtenTokens);
  return { verdict, readTokens, writtenTokens, uncachedTokens, drops };
}
