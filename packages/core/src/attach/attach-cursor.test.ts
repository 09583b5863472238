import fc from "fast-check";
import { expect, test } from "vitest";
import { CoreError } from "../errors.ts";
import { parseCursor, toCursorText } from "./attach-cursor.ts";

const refusal = expect.objectContaining({ code: "bad_cursor" });

test("a cursor is read as what it was written from", () => {
  const place = fc.record({
    sessionId: fc.stringMatching(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)?$/),
    fence: fc.maxSafeNat(),
    seq: fc.maxSafeNat(),
  });
  fc.assert(
    fc.property(place, (cursor) => {
      expect(parseCursor(toCursorText(cursor), cursor.sessionId)).toEqual(cursor);
    }),
  );
});

test("a cursor of another session is refused", () => {
  const text = toCursorText({ sessionId: "one", fence: 1, seq: 2 });
  expect(() => parseCursor(text, "two")).toThrow(refusal);
});

test("no other text is a cursor", () => {
  const cursor = toCursorText({ sessionId: "one", fence: 1, seq: 2 });
  const other = fc.oneof(
    fc.string(),
    fc.string().map((text) => `koda1.${text}`),
    fc.string().map((text) => `koda1.${Buffer.from(text).toString("base64url")}`),
    fc.tuple(fc.nat(cursor.length), fc.string({ minLength: 1 })).map(([at, text]) => cursor.slice(0, at) + text),
  );
  fc.assert(
    fc.property(other, (text) => {
      try {
        expect(toCursorText(parseCursor(text, "one"))).toBe(text);
      } catch (error) {
        expect(error).toBeInstanceOf(CoreError);
        expect(error).toEqual(refusal);
      }
    }),
  );
  for (const payload of ["01.2.one", "1.-2.one", "1.2.", `1.${2 ** 60}.one`, "1.2", ""]) {
    expect(() => parseCursor(`koda1.${Buffer.from(payload).toString("base64url")}`, "one")).toThrow(refusal);
  }
});
