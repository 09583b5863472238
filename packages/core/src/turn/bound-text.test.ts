import fc from "fast-check";
import { expect, test } from "vitest";
import { boundText } from "./bound-text.ts";

test("short text stays as it is", () => {
  expect(boundText("", 10)).toBe("");
  expect(boundText("0123456789", 10)).toBe("0123456789");
});

test("long text keeps head and tail, and says what is missing", () => {
  expect(boundText("0123456789abcdef", 10)).toBe("012345\n[… 6 characters left out …]\ncdef");
});

test("the result is well-formed and bounded, whatever comes in", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), fc.integer({ min: 1, max: 100 }), (text, maxChars) => {
      const hostile = `${text}\ud800`;
      const bounded = boundText(hostile, maxChars);
      expect(bounded.isWellFormed()).toBe(true);
      expect(bounded.length).toBeLessThanOrEqual(maxChars + 50);
    }),
  );
});
