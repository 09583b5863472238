import fc from "fast-check";
import { expect, test } from "vitest";
import type { Entry } from "../store/entry.ts";
import { parseBlankedJson, toBlankedJson } from "./blanked-value.ts";

const toEntry = (callIds: readonly string[]): Entry => ({
  id: "e",
  sessionId: "s",
  parentId: null,
  turnId: "t",
  createdAtMs: 1,
  content: {
    kind: "assistant",
    text: "",
    thinking: "",
    toolCalls: callIds.map((callId) => ({ callId, name: "Read", argumentsJson: "{}" })),
    isComplete: true,
  },
});

test("what is blanked in a view comes back, and what is not shown any more does not", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string()), fc.uniqueArray(fc.string()), (shown, blanked) => {
      const json = toBlankedJson({ entries: [toEntry(shown)], blanked: new Set(blanked) });
      expect(parseBlankedJson(json)).toEqual(new Set(blanked.filter((callId) => shown.includes(callId))));
    }),
  );
});

test.each([null, "", "{", "{}", "[1]", "null"])("what cannot be understood blanks nothing: %s", (json) => {
  expect(parseBlankedJson(json)).toEqual(new Set());
});
