import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDate } from "./parse-option.ts";

describe("parseDate", () => {
  test("any day is its beginning in UTC", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true }),
        (date) => {
          const day = date.toISOString().slice(0, 10);
          expect(parseDate(day)).toBe(Date.parse(`${day}T00:00:00Z`));
        },
      ),
    );
  });

  test("a moment counts with its time zone", () => {
    expect(parseDate("2026-01-31T00:30:00+01:00")).toBe(Date.UTC(2026, 0, 30, 23, 30));
  });

  test.each(["", "yesterday", "2026", "2026-13-01", "2026-02-30", "2026-02-30T00:00Z", "2026-01-31T10:00", "1"])(
    "%j is none",
    (text) => {
      expect(() => parseDate(text)).toThrow("2026-01-31");
    },
  );
});
