/** A day: a server that asks for more is asking us to give up, and timers overflow at 24.8 days. */
const longestWaitMs = 86_400_000;

/**
 * How long a server asks a client to wait, in whole milliseconds from `nowMs`.
 * Reads `retry-after-ms` first, then `Retry-After` as seconds or as a date (RFC 9110 §10.2.3).
 * A date in the past is 0. Undefined when absent or unreadable; never more than a day.
 */
export function parseRetryAfter(headers: { get(name: string): string | null }, nowMs: number): number | undefined {
  const exact = toNumber(headers.get("retry-after-ms"));
  if (exact !== undefined) return bounded(exact);
  const value = headers.get("retry-after");
  const seconds = toNumber(value);
  if (seconds !== undefined) return bounded(seconds * 1000);
  // An HTTP date begins with its day; Date.parse alone would take "-5" for a month.
  const dateMs = value !== null && /^\s*[A-Z][a-z]+,? /.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(dateMs) ? undefined : bounded(dateMs - nowMs);
}

function toNumber(text: string | null): number | undefined {
  return text !== null && /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}

function bounded(waitMs: number): number {
  return Math.ceil(Math.min(Math.max(waitMs, 0), longestWaitMs));
}
