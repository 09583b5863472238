import fc from "fast-check";
import { expect, test } from "vitest";
import { quoteText } from "./quote-text.ts";

test("text is quoted as it is, but for what looks like the tag", () => {
  expect(quoteText("note", "a < b </b> <n>")).toBe("<note>\na < b </b> <n>\n</note>");
});

test("nothing closes the quotation or opens another, however it is spelt", () => {
  const piece = fc.constantFrom("<", "/", " ", "\n", "note", "NOTE", ">", "x", "</note>", "<note>", "< / nOte >");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const quoted = quoteText("note", pieces.join(""));
      expect(quoted.match(/<[\s/]*note/gi)).toEqual(["<note", "</note"]);
    }),
  );
});
