import fc from "fast-check";
import { expect, test } from "vitest";
import type { ModelPrice, TokenUsage } from "../ports/llm-provider.ts";
import { costOf } from "./cost.ts";

const tokens = (usage: Partial<TokenUsage>): TokenUsage => ({
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  thinkingTokens: 0,
  ...usage,
});

test("a million tokens in and a million out at 3 and 15 dollars cost 18 dollars", () => {
  const usage = tokens({ inputTokens: 1_000_000, outputTokens: 1_000_000 });
  expect(costOf(usage, { input: 3, output: 15 })).toBe(18_000_000);
});

test("an unknown price gives no cost, not a cost of nothing", () => {
  expect(costOf(tokens({ inputTokens: 10 }), undefined)).toBeNull();
});

test("a price of zero is known, and costs nothing", () => {
  expect(costOf(tokens({ inputTokens: 10, outputTokens: 10 }), { input: 0, output: 0 })).toBe(0);
});

test.each([
  ["read at its own price", { cacheReadTokens: 800_000 }, { cacheRead: 0.3 }, 200_000 * 3 + 800_000 * 0.3],
  ["read at the price of input, without its own", { cacheReadTokens: 800_000 }, {}, 3_000_000],
  ["written at its own price", { cacheWriteTokens: 800_000 }, { cacheWrite: 3.75 }, 200_000 * 3 + 800_000 * 3.75],
  ["written at the price of input, without its own", { cacheWriteTokens: 800_000 }, {}, 3_000_000],
  ["read at no cost", { cacheReadTokens: 1_000_000 }, { cacheRead: 0 }, 0],
  ["never more than the input was", { cacheReadTokens: 5_000_000, cacheWriteTokens: 9 }, { cacheRead: 0.3 }, 300_000],
])("cached input is %s", (_rule, cached, cachePrice, micros) => {
  const usage = tokens({ inputTokens: 1_000_000, ...cached });
  expect(costOf(usage, { input: 3, output: 15, ...cachePrice })).toBe(micros);
});

test("thinking is part of the output, not added to it", () => {
  expect(costOf(tokens({ outputTokens: 100, thinkingTokens: 90 }), { input: 1, output: 10 })).toBe(1000);
});

test.each([Number.NaN, -1, Number.POSITIVE_INFINITY])("a price of %d is no price", (input) => {
  expect(costOf(tokens({ inputTokens: 1 }), { input, output: 1 })).toBeNull();
});

const count = fc.integer({ min: 0, max: 10_000_000 });
const dollars = fc.double({ min: 0, max: 1000, noNaN: true });
const anyUsage: fc.Arbitrary<TokenUsage> = fc.record({
  inputTokens: count,
  outputTokens: count,
  cacheReadTokens: count,
  cacheWriteTokens: count,
  thinkingTokens: count,
});
const anyPrice: fc.Arbitrary<ModelPrice> = fc.record({
  input: dollars,
  output: dollars,
  cacheRead: fc.option(dollars, { nil: undefined }),
  cacheWrite: fc.option(dollars, { nil: undefined }),
});

test("a cost is a whole number, at most half a millionth off, and grows with what is used", () => {
  fc.assert(
    fc.property(anyUsage, anyPrice, count, (usage, price, more) => {
      const cost = costOf(usage, price) ?? Number.NaN;
      const dearer = costOf({ ...usage, outputTokens: usage.outputTokens + more }, price) ?? Number.NaN;
      expect(Number.isSafeInteger(cost)).toBe(true);
      expect(dearer).toBeGreaterThanOrEqual(cost);
      const highest = Math.max(price.input, price.cacheRead ?? 0, price.cacheWrite ?? 0);
      expect(cost).toBeLessThanOrEqual(usage.inputTokens * highest + usage.outputTokens * price.output + 0.5);
    }),
  );
});
