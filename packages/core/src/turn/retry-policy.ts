import type { LlmFailure, LlmFailureCode } from "../ports/llm-provider.ts";

/** Attempts after the first. */
const maxRetries = 5;
const firstWaitMs = 1000;
const maxBackoffMs = 30_000;
/** A server that wants more patience than this is as good as down; the user should hear of it now. */
const maxServerWaitMs = 300_000;

/**
 * How long to wait before the next attempt; null when there is to be none. `retries` were made already; `random` is
 * in [0, 1). What the server asks for is honoured; otherwise the wait doubles, less up to a half of it by chance.
 */
export function decideRetry(failure: LlmFailure, retries: number, random: number): number | null {
  if (!isWorthRetrying(failure.code) || retries >= maxRetries) return null;
  const { retryAfterMs } = failure;
  if (retryAfterMs !== undefined) return retryAfterMs > maxServerWaitMs ? null : Math.max(0, retryAfterMs);
  const backoffMs = Math.min(maxBackoffMs, firstWaitMs * 2 ** retries);
  return Math.round(backoffMs * (1 - random / 2));
}

function isWorthRetrying(code: LlmFailureCode): boolean {
  switch (code) {
    case "rate_limited":
    case "server":
    case "network":
    case "stream_cut":
      return true;
    case "unconfigured":
    case "auth":
    case "bad_request":
    case "context_overflow":
    case "bad_response":
      return false;
    default:
      return code satisfies never;
  }
}
