import fc from "fast-check";
import { expect, test } from "vitest";
import { toJsonLine } from "./to-json-line.ts";

test("what acts on a terminal is spelled out, all else stays", () => {
  expect(toJsonLine({ a: "\u001b[2J\u009b31m\u202e\u200b\u{e0041} grüß 🙂" })).toBe(
    '{"a":"\\u001b[2J\\u009b31m\\u202e\\u200b\\udb40\\udc41 grüß 🙂"}\n',
  );
});

test("any value is read back as it was, from one line", () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: "binary" }), (value) => {
      const line = toJsonLine(value);
      expect(line.trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
