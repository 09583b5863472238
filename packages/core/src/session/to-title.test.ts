import fc from "fast-check";
import { expect, test } from "vitest";
import { toTitle } from "./to-title.ts";

test.each([
  ["Fix it", "Fix it"],
  ["\n\n  Fix\tit  \nplease", "Fix it"],
  ["a\u{1b}]0;evil\u0007b", "a ]0;evil b"],
  ["\u202eevil", "evil"],
  ["", "(empty prompt)"],
  ["\u0000", "(empty prompt)"],
])("the title of %j is %j", (prompt, title) => {
  expect(toTitle(prompt)).toBe(title);
});

test("a title is one line of at most 80 characters, without control characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 400 }), (prompt) => {
      const title = toTitle(prompt);
      expect([...title].length).toBeLessThanOrEqual(80);
      expect(title).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      expect(title.isWellFormed()).toBe(true);
    }),
  );
});
