import { expect, test } from "vitest";
import { parseLaneLimits } from "./lane-limits.ts";

test("without options the caps are 2, 4, 2 and 1, and lanes do not compete", () => {
  expect(parseLaneLimits({})).toEqual({ caps: { control: 2, query: 4, execute: 2, generate: 1 }, maxTotal: 9 });
});

test("each cap is taken as given, and the total follows", () => {
  expect(parseLaneLimits({ caps: { query: 1 } })).toEqual({
    caps: { control: 2, query: 1, execute: 2, generate: 1 },
    maxTotal: 6,
  });
});

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "2" as unknown as number])("%s is no limit", (cap) => {
  const refusal = expect.objectContaining({ code: "bad_option" });
  expect(() => parseLaneLimits({ caps: { execute: cap } })).toThrow(refusal);
  expect(() => parseLaneLimits({ maxTotal: cap })).toThrow(refusal);
});
