import { expect, test } from "vitest";
import { ShrinkBreaker } from "./shrink-breaker.ts";

const reading = (usedTokens: number) => ({
  usedTokens,
  maxTokens: 100_000,
  percent: 0,
  isEstimated: false,
  isSpent: false,
});

test("two failures stop nothing, the third does until the context has grown by 5 percent", () => {
  const breaker = new ShrinkBreaker();
  for (let failure = 1; failure <= 3; failure += 1) {
    expect(breaker.isOpen(reading(80_000))).toBe(false);
    breaker.noteFailure(reading(80_000));
  }
  expect(breaker.isOpen(reading(84_999))).toBe(true);
  expect(breaker.isOpen(reading(85_000))).toBe(false);
  breaker.noteFailure(reading(85_000));
  expect(breaker.isOpen(reading(89_999))).toBe(true);
});

test("a success forgets the failures before it", () => {
  const breaker = new ShrinkBreaker();
  for (let failure = 1; failure <= 3; failure += 1) breaker.noteFailure(reading(80_000));
  breaker.noteSuccess();
  expect(breaker.isOpen(reading(80_000))).toBe(false);
});
