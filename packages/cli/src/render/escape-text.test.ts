import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escapeLine, escapeText } from "./escape-text.ts";

describe("escapeText", () => {
  test.each([
    ["an ANSI sequence", "\u001b[31mred\u001b[0m", "\\u{1b}[31mred\\u{1b}[0m"],
    ["a window title", "\u001b]0;owned\u0007", "\\u{1b}]0;owned\\u{7}"],
    ["an 8-bit CSI", "\u009b2J", "\\u{9b}2J"],
    ["a lone carriage return", "safe\revil", "safe\\u{d}evil"],
    ["a backspace", "rm\b\bls", "rm\\u{8}\\u{8}ls"],
    ["a bidirectional override", "a\u202eb", "a\\u{202e}b"],
    ["a bidirectional isolate", "a\u2066b", "a\\u{2066}b"],
    ["a zero-width space", "a\u200bb", "a\\u{200b}b"],
    ["a joiner between letters", "a\u200db", "a\\u{200d}b"],
    ["a tag character", "a\u{e0041}b", "a\\u{e0041}b"],
    ["a Hangul filler", "a\u3164b", "a\\u{3164}b"],
    ["a lone surrogate", "a\ud800b", "a\\u{d800}b"],
    ["a line separator", "a\u2028b", "a\\u{2028}b"],
    ["marks piled up", `e${"\u0301".repeat(8)}`, `e${"\u0301".repeat(6)}\\u{301}\\u{301}`],
  ])("spells out %s", (_, hostile, shown) => {
    expect(escapeText(hostile)).toBe(shown);
  });

  test.each([
    "plain text",
    "two\nlines",
    "grüße, 日本語, עברית",
    "👩‍👩‍👧 ❤️ 1️⃣ 👍🏽",
    "cafe\u0301",
    "a \\u{1b} as typed",
  ])("leaves %j as it is", (safe) => {
    expect(escapeText(safe)).toBe(safe);
  });

  test("keeps the width of layout: CRLF is a line end, a tab four spaces, any blank a space", () => {
    expect(escapeText("a\r\nb\tc\u00a0d\u2003e")).toBe("a\nb    c d e");
  });

  test("is total and leaves nothing that a terminal would act on", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(escapeText(text)).not.toMatch(/(?!\n)[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|[\u202a-\u202e\u2066-\u2069\u200b]/u);
      }),
    );
  });

  test("what was escaped once stays as it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const escaped = escapeText(text);
        expect(escapeText(escaped)).toBe(escaped);
      }),
    );
  });
});

describe("escapeLine", () => {
  test("is one line, whatever comes in", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(escapeLine(text)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  test("shows line ends and tabs", () => {
    expect(escapeLine("ls\r\n\trm -rf /")).toBe("ls\\r\\n\\trm -rf /");
  });

  test("a long run of blanks cannot push the rest out of sight", () => {
    expect(escapeLine(`ls${" ".repeat(300)}; rm -rf /`)).toBe("ls ⟨300 spaces⟩ ; rm -rf /");
  });

  test("a blank that is not the space is told from it", () => {
    expect(escapeLine("rm\u00a0-rf\u2800/")).toBe("rm\\u{a0}-rf\\u{2800}/");
  });
});
