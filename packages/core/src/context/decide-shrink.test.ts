import { expect, test } from "vitest";
import type { ModelMessage } from "../ports/llm-provider.ts";
import { decideShrink, type ShrinkQuestion } from "./decide-shrink.ts";

const none: ReadonlySet<string> = new Set();

const toMessages = (name: string, count: number): ModelMessage[] =>
  Array.from({ length: count }).flatMap((_, index): ModelMessage[] => [
    { role: "assistant", text: "", toolCalls: [{ callId: `c${index}`, name, argumentsJson: "{}" }] },
    { role: "tool", callId: `c${index}`, text: "x".repeat(40_000), isError: false },
  ]);

const question = (
  usedTokens: number,
  { maxTokens = 200_000, isSpent = false, ...rest }: Partial<ShrinkQuestion & ShrinkQuestion["reading"]> = {},
): ShrinkQuestion => ({
  reason: "threshold",
  reading: { usedTokens, maxTokens, percent: 0, isEstimated: false, isSpent },
  threshold: 0.8,
  messages: toMessages("Bash", 16),
  blanked: none,
  isBreakerOpen: false,
  ...rest,
});

test.each([
  [{ used: 159_980, threshold: 0.8 }, "none"],
  [{ used: 160_000, threshold: 0.8 }, "summarise"],
  [{ used: 189_999, threshold: 0.95 }, "none"],
  [{ used: 190_000, threshold: 0.95 }, "summarise"],
  [{ used: 300_000, threshold: 0.8 }, "summarise"],
  [{ used: 198_000, threshold: null }, "none"],
] as const)("at the threshold and above it, and only when there is one: %j is %s", ({ used, threshold }, kind) => {
  expect(decideShrink(question(used, { threshold })).kind).toBe(kind);
});

test("a window of zero is never full", () => {
  expect(decideShrink(question(1_000_000, { maxTokens: 0 }))).toEqual({ kind: "none", why: "not-full" });
});

test("a reading is good for one shrink", () => {
  expect(decideShrink(question(190_000, { isSpent: true }))).toEqual({ kind: "none", why: "not-full" });
});

test("old results go first, and no summary is made when that is enough", () => {
  const messages = toMessages("Read", 16);
  const decision = decideShrink(question(165_000, { messages }));
  expect(decision).toMatchObject({ kind: "blank" });
  expect(decision.kind === "blank" && decision.callIds.size).toBe(12);
});

test("a summary is made when less results would not bring it below 60 percent", () => {
  expect(decideShrink(question(175_000, { messages: toMessages("Read", 7) }))).toMatchObject({
    kind: "summarise",
    room: 200_000,
    keepTokens: 40_000,
  });
});

test("while summaries fail, results are left out all the same", () => {
  expect(decideShrink(question(165_000, { isBreakerOpen: true }))).toEqual({ kind: "none", why: "summaries-fail" });
  const messages = toMessages("Read", 7);
  expect(decideShrink(question(199_000, { isBreakerOpen: true, messages })).kind).toBe("blank");
});

test("a refused request is shortened without regard to threshold and breaker, and by what it took itself", () => {
  const refused = { reason: "overflow", threshold: null, isBreakerOpen: true, isSpent: true } as const;
  expect(decideShrink(question(10_000, refused))).toMatchObject({
    kind: "summarise",
    room: 10_000,
    keepTokens: 2000,
  });
});

test.each([
  [{ messages: 30, used: 99_999 }, "none"],
  [{ messages: 32, used: 1000 }, "summarise"],
  [{ messages: 30, used: 100_000 }, "summarise"],
])(
  "who asks for a summary gets one unless the conversation is short and small: %j is %s",
  ({ messages, used }, kind) => {
    const decision = decideShrink(question(used, { reason: "asked", messages: toMessages("Read", messages / 2) }));
    expect(decision.kind).toBe(kind);
    if (decision.kind === "none") expect(decision.why).toBe("few-messages");
  },
);

test("who asks gets a summary of most of it, however small it is", () => {
  const asked = decideShrink(question(5000, { reason: "asked" }));
  expect(asked).toMatchObject({ kind: "summarise", room: 200_000, keepTokens: 1000 });
});
