import fc from "fast-check";
import { expect, test } from "vitest";
import { bounded, callResult, toResult } from "./to-result.ts";

test("structured content stands in where there is no other", () => {
  expect(toResult(callResult.parse({ structuredContent: { a: 1 } }))).toEqual({ text: '{"a":1}', isError: false });
  expect(toResult(callResult.parse({}))).toEqual({ text: "", isError: false });
});

test("any content gives bounded text", () => {
  fc.assert(
    fc.property(fc.array(fc.anything()), (content) => {
      expect(toResult({ content, isError: false }).text.length).toBeLessThan(41_000);
    }),
  );
});

test.each([39_999, 40_000])("%i characters are kept whole", (length) => {
  expect(bounded("x".repeat(length))).toBe("x".repeat(length));
});

test("more is cut, and the cut told", () => {
  expect(bounded("x".repeat(40_001))).toBe(`${"x".repeat(40_000)}\n[1 more characters dropped]`);
});
