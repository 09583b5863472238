import fc from "fast-check";
import { expect, test } from "vitest";
import type { ModelMessage } from "../ports/llm-provider.ts";
import { blankOldResults } from "./blank-old-results.ts";

const long = "x".repeat(300);

/** One call after the other, each with its result. */
const toMessages = (calls: readonly { readonly name: string; readonly text: string }[]): ModelMessage[] =>
  calls.flatMap(({ name, text }, index): ModelMessage[] => [
    { role: "assistant", text: "", toolCalls: [{ callId: `c${index}`, name, argumentsJson: "{}" }] },
    { role: "tool", callId: `c${index}`, text, isError: false },
  ]);

const textsOf = (messages: readonly ModelMessage[]) =>
  messages.filter(({ role }) => role === "tool").map(({ text }) => text);

test("all but the latest five results that can be had again are left out", () => {
  const messages = toMessages(Array(7).fill({ name: "Read", text: long }));
  const texts = textsOf(blankOldResults(messages));
  expect(texts.slice(0, 2)).toEqual([expect.stringContaining("left out"), expect.stringContaining("left out")]);
  expect(texts.slice(2)).toEqual(Array(5).fill(long));
});

test("results of other tools, and short ones, stay", () => {
  const messages = toMessages([
    { name: "Bash", text: long },
    { name: "Read", text: "short" },
    ...Array(5).fill({ name: "Read", text: long }),
  ]);
  expect(blankOldResults(messages)).toBe(messages);
});

test("nothing but texts of results changes, and doing it twice changes nothing more", () => {
  const call = fc.record({ name: fc.constantFrom("Read", "Grep", "Bash"), text: fc.constantFrom(long, "short") });
  fc.assert(
    fc.property(fc.array(call, { maxLength: 20 }), (calls) => {
      const messages = toMessages(calls);
      const view = blankOldResults(messages);
      const blank = (message: ModelMessage): ModelMessage =>
        message.role === "tool" ? { ...message, text: "" } : message;
      expect(view.map(blank)).toEqual(messages.map(blank));
      expect(blankOldResults(view)).toBe(view);
    }),
  );
});
