import fc from "fast-check";
import { expect, test } from "vitest";
import { decideRetry } from "./retry-policy.ts";

const server = { code: "server", message: "" } as const;

test.each([
  [0, 1000],
  [1, 2000],
  [2, 4000],
  [3, 8000],
  [4, 16_000],
  [5, null],
])("after %i retries the wait is %s ms, without jitter", (retries, waitMs) => {
  expect(decideRetry(server, retries, 0)).toBe(waitMs);
});

test("jitter takes away at most half", () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 4 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (retries, random) => {
        const full = 1000 * 2 ** retries;
        const waitMs = decideRetry(server, retries, random) ?? -1;
        expect(waitMs).toBeGreaterThanOrEqual(full / 2);
        expect(waitMs).toBeLessThanOrEqual(full);
      },
    ),
  );
});

test("what the server asks for is honoured, up to five minutes", () => {
  const limited = (retryAfterMs: number) => ({ code: "rate_limited", message: "", retryAfterMs }) as const;
  expect(decideRetry(limited(0), 0, 0.5)).toBe(0);
  expect(decideRetry(limited(90_000), 4, 0.5)).toBe(90_000);
  expect(decideRetry(limited(300_001), 0, 0.5)).toBeNull();
  expect(decideRetry(limited(10), 5, 0.5)).toBeNull();
});

test.each(["auth", "bad_request", "context_overflow", "unconfigured", "bad_response"] as const)(
  "%s is not tried again, whatever the server says",
  (code) => {
    expect(decideRetry({ code, message: "", retryAfterMs: 1 }, 0, 0)).toBeNull();
  },
);
