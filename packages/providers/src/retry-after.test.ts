import fc from "fast-check";
import { expect, test } from "vitest";
import { parseRetryAfter } from "./retry-after.ts";

const nowMs = Date.parse("2026-11-20T12:00:00Z");

test.each<[Record<string, string>, number | undefined]>([
  [{ "retry-after": "2" }, 2000],
  [{ "retry-after": "0.25" }, 250],
  [{ "retry-after": "Fri, 20 Nov 2026 12:00:30 GMT" }, 30_000],
  [{ "retry-after": "Fri, 20 Nov 2026 11:00:00 GMT" }, 0],
  [{ "retry-after-ms": "1500", "retry-after": "9" }, 1500],
  [{ "retry-after-ms": "soon", "retry-after": "9" }, 9000],
  [{ "retry-after": "99999999999" }, 86_400_000],
  [{ "retry-after": "-5" }, undefined],
  [{ "retry-after": "soon" }, undefined],
  [{}, undefined],
])("RFC 9110 §10.2.3: %j is %j ms", (headers, waitMs) => {
  expect(parseRetryAfter(new Headers(headers), nowMs)).toBe(waitMs);
});

test("any header gives a whole number within a day, or nothing", () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      const waitMs = parseRetryAfter({ get: () => value }, nowMs);
      if (waitMs !== undefined) expect(Number.isInteger(waitMs) && waitMs >= 0 && waitMs <= 86_400_000).toBe(true);
    }),
  );
});
