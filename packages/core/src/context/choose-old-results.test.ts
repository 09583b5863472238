import fc from "fast-check";
import { expect, test } from "vitest";
import type { ModelMessage } from "../ports/llm-provider.ts";
import { blankResults } from "./blank-results.ts";
import { chooseOldResults } from "./choose-old-results.ts";

/** A text of about 10,000 tokens. */
const long = "x".repeat(40_000);
const none: ReadonlySet<string> = new Set();

/** One call after the other, each with its result. */
const toMessages = (calls: readonly { readonly name: string; readonly text: string }[]): ModelMessage[] =>
  calls.flatMap(({ name, text }, index): ModelMessage[] => [
    { role: "assistant", text: "", toolCalls: [{ callId: `c${index}`, name, argumentsJson: "{}" }] },
    { role: "tool", callId: `c${index}`, text, isError: false },
  ]);
const readsOf = (count: number) => toMessages(Array(count).fill({ name: "Read", text: long }));
const choose = (messages: readonly ModelMessage[], room = 200_000, blanked = none) => [
  ...chooseOldResults(messages, { room, blanked }).callIds,
];

test("the newest 40,000 tokens of output stay, and older ones go when that saves 20,000", () => {
  expect(choose(readsOf(6))).toEqual([]);
  expect(choose(readsOf(7))).toEqual(["c2", "c1", "c0"]);
});

test("a result that the model has not read yet stays, however long it is", () => {
  const huge = { name: "Read", text: long.repeat(10) };
  expect(choose(toMessages([huge]))).toEqual([]);
  expect(choose([...toMessages([huge]), { role: "assistant", text: "I see", toolCalls: [] }])).toEqual(["c0"]);
});

test("both bounds are smaller in proportion in a smaller window, and no larger in a larger one", () => {
  expect(choose(readsOf(7), 1_000_000)).toEqual(["c2", "c1", "c0"]);
  expect(choose(readsOf(3), 100_000)).toEqual([]);
  expect(choose(readsOf(4), 100_000)).toEqual(["c1", "c0"]);
});

test("output of every tool is counted, but only what can be had again is left out", () => {
  const bash = { name: "Bash", text: long };
  const read = { name: "Read", text: long };
  expect(choose(toMessages([read, read, read, bash, bash, bash, bash, bash]))).toEqual(["c2", "c1", "c0"]);
  expect(choose(toMessages([bash, bash, bash, read, read, read, read]))).toEqual([]);
});

// Its own copy: a tool that acts must never be told to be called again.
test("these tools, and no others, can be called again without doing anything", () => {
  const names = ["Read", "List", "Glob", "Grep", "WebFetch", "WebSearch", "RecallContext"];
  const refused = ["Bash", "Write", "Edit", "Delete", "AskUser", "InvokeAgent", "server__read"];
  const chosen = [...names, ...refused].filter((name) => {
    const old = Array(3).fill({ name, text: long });
    return choose(toMessages([...old, ...Array(4).fill({ name: "Bash", text: long })])).length > 0;
  });
  expect(chosen).toEqual(names);
});

test("what is left out already saves nothing again", () => {
  expect(choose(readsOf(7), 200_000, new Set(["c0"]))).toEqual([]);
});

test("only texts of the chosen results change, and every other message is the same object", () => {
  const call = fc.record({ name: fc.constantFrom("Read", "Grep", "Bash"), text: fc.constantFrom(long, "short") });
  fc.assert(
    fc.property(fc.array(call, { maxLength: 15 }), fc.integer({ min: 1, max: 300_000 }), (calls, room) => {
      const messages = toMessages(calls);
      const { callIds, savedTokens } = chooseOldResults(messages, { room, blanked: none });
      const view = blankResults(messages, callIds);
      expect(view).toHaveLength(messages.length);
      for (const [index, message] of messages.entries()) {
        if (message.role === "tool" && callIds.has(message.callId)) {
          expect(view[index]).toEqual({ ...message, text: expect.stringContaining("left out") });
        } else expect(view[index]).toBe(message);
      }
      const lengthOf = (all: readonly ModelMessage[]) => all.reduce((sum, { text }) => sum + text.length, 0);
      expect((lengthOf(messages) - lengthOf(view)) / 4).toBeCloseTo(savedTokens, -2);
    }),
  );
});
