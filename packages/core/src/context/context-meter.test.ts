import fc from "fast-check";
import { expect, test } from "vitest";
import type { ModelMessage, ModelRequest, TokenUsage } from "../ports/llm-provider.ts";
import { ContextMeter } from "./context-meter.ts";
import { estimateRequest } from "./estimate-tokens.ts";

const user = (chars: number): ModelMessage => ({ role: "user", text: "x".repeat(chars) });
const answer: ModelMessage = { role: "assistant", text: "done", toolCalls: [] };
const requestOf = (...messages: ModelMessage[]): ModelRequest => ({ system: "", messages, tools: [] });
const usageOf = (inputTokens: number, outputTokens: number, thinkingTokens = 0): TokenUsage => ({
  inputTokens,
  outputTokens,
  cacheReadTokens: 0,
  thinkingTokens,
});

test("a new session has used nothing of 200,000 tokens", () => {
  expect(new ContextMeter(undefined).reading).toEqual({
    usedTokens: 0,
    maxTokens: 200_000,
    percent: 0,
    isEstimated: false,
    isSpent: false,
  });
});

test("160,000 of 200,000 tokens are 80 percent", () => {
  const meter = new ContextMeter(undefined);
  meter.noteReply(requestOf(user(4)), usageOf(159_000, 1000));
  expect(meter.reading).toMatchObject({ usedTokens: 160_000, percent: 80, isEstimated: false });
});

test("before the first reply everything is an estimate", () => {
  const meter = new ContextMeter(1000);
  const request = requestOf(user(400));
  expect(meter.measure(request)).toMatchObject({ usedTokens: estimateRequest(request), isEstimated: true });
});

test("the last reply counts, not the sum of all, and what was added since is estimated", () => {
  const meter = new ContextMeter(1000);
  meter.noteReply(requestOf(user(4)), usageOf(100, 20));
  const second = requestOf(user(4), answer, user(40));
  expect(meter.measure(second)).toMatchObject({ usedTokens: 140, isEstimated: true });
  expect(meter.noteReply(second, usageOf(150, 30))).toMatchObject({ usedTokens: 180, isEstimated: false });
});

test("the same request again, after an answer that was taken back, is not counted twice", () => {
  const meter = new ContextMeter(1000);
  const request = requestOf(user(4));
  meter.noteReply(request, usageOf(100, 20));
  expect(meter.measure(request).usedTokens).toBe(120);
});

test("thinking takes no room, since it is not sent again", () => {
  expect(new ContextMeter(1000).noteReply(requestOf(), usageOf(100, 50, 40)).usedTokens).toBe(110);
});

test("a reply that counts nothing is no reading", () => {
  const meter = new ContextMeter(1000);
  meter.measure(requestOf(user(400)));
  expect(meter.noteReply(requestOf(user(400)), usageOf(0, 0))).toMatchObject({ usedTokens: 120, isEstimated: true });
});

test("a shorter conversation than the one that was counted is estimated anew", () => {
  const meter = new ContextMeter(1000);
  meter.noteReply(requestOf(user(4), answer, user(4)), usageOf(900, 20));
  const shorter = requestOf(user(4));
  expect(meter.measure(shorter)).toMatchObject({ usedTokens: estimateRequest(shorter), isEstimated: true });
});

test("clearing begins at nothing, and the window stays", () => {
  const meter = new ContextMeter(32_000);
  meter.noteReply(requestOf(user(4)), usageOf(30_000, 20));
  meter.clear();
  expect(meter.reading).toMatchObject({ usedTokens: 0, maxTokens: 32_000, percent: 0, isEstimated: false });
});

test.each([
  [undefined, 200_000],
  [Number.NaN, 200_000],
  [-1, 200_000],
  [Number.POSITIVE_INFINITY, 200_000],
  [0, 0],
  [8000, 8000],
])("a window that the provider tells as %s is %s", (told, window) => {
  const meter = new ContextMeter(1);
  meter.setWindow(told);
  expect(meter.reading.maxTokens).toBe(window);
  expect(new ContextMeter(told).reading.maxTokens).toBe(window);
});

test("what one model has counted is an estimate for the next one", () => {
  const meter = new ContextMeter(1000);
  const request = requestOf(user(4));
  meter.noteReply(request, usageOf(500, 0));
  meter.setWindow(2000);
  expect(meter.reading).toMatchObject({ usedTokens: 500, isEstimated: true });
  expect(meter.measure(request).usedTokens).toBe(estimateRequest(request));
});

test("a reset makes the reading void until the provider counts again", () => {
  const meter = new ContextMeter(1000);
  meter.noteReply(requestOf(user(4)), usageOf(900, 0));
  meter.reset();
  expect(meter.reading.isSpent).toBe(true);
  expect(meter.measure(requestOf(user(400)))).toMatchObject({ usedTokens: 120, isEstimated: true, isSpent: true });
  expect(meter.noteReply(requestOf(user(400)), usageOf(130, 0)).isSpent).toBe(false);
});

test("without a provider that counts, a reset holds until 5 % of the window were added", () => {
  const meter = new ContextMeter(1000);
  meter.reset();
  meter.measure(requestOf(user(400)));
  expect(meter.measure(requestOf(user(400), user(80))).isSpent).toBe(true);
  expect(meter.measure(requestOf(user(400), user(160))).isSpent).toBe(false);
});

test("a percentage is never below 0, never above 100, and never not a number", () => {
  const count = fc.nat({ max: 2 ** 40 });
  fc.assert(
    fc.property(fc.nat(), count, count, (window, inputTokens, outputTokens) => {
      const { percent } = new ContextMeter(window).noteReply(requestOf(), usageOf(inputTokens, outputTokens));
      expect(percent).toBeGreaterThanOrEqual(0);
      expect(percent).toBeLessThanOrEqual(100);
    }),
  );
});
