import Database from "better-sqlite3";
import fc from "fast-check";
import { expect, test } from "vitest";
import { toExcerpt } from "./excerpt.ts";
import { findWord, toMatchExpression, toSearchWords, toTokens } from "./search-words.ts";

test.each([
  ["one two", ["one", "two"]],
  ['say "hi"', ["say", '"hi"']],
  [" - * () ", []],
  ["a\0b", ["a", "b"]],
  ["", []],
])("the words of %j", (query, words) => {
  expect(toSearchWords(query)).toEqual(words);
});

test("a question has at most 64 words", () => {
  expect(toSearchWords("w ".repeat(1000))).toHaveLength(64);
});

test("of a question the first 1,000 characters count", () => {
  expect(toSearchWords(`${" ".repeat(990)}first second ${"x".repeat(10_000_000)}`)).toEqual(["first", "seco"]);
});

test("a text is compared without case and accents", () => {
  expect(toTokens("Größe, Cafe\u0301!").map(({ folded }) => folded)).toEqual(["große", "cafe"]);
});

test("a word of several tokens has to lie together", () => {
  const tokens = toTokens("read src/app.ts, then app or ts");
  expect(findWord(tokens, "app.ts")).toBe(9);
  expect(findWord(tokens, "src.ts")).toBe(-1);
  expect(findWord(tokens, "--")).toBe(-1);
});

const text = fc.oneof(fc.string({ unit: "grapheme" }), fc.string({ unit: "binary" }), fc.string());

test("whatever is typed is a question that SQLite takes", () => {
  const database = new Database(":memory:");
  database.exec("CREATE VIRTUAL TABLE search USING fts5 (text, tokenize = 'unicode61 remove_diacritics 2')");
  const select = database.prepare("SELECT rowid FROM search WHERE search MATCH ?");
  fc.assert(
    fc.property(
      fc.oneof(
        text,
        fc
          .array(fc.constantFrom('"', "AND", "NOT", "(", "*", "a", "NEAR(", ":", "\0", " "))
          .map((parts) => parts.join("")),
      ),
      fc.constantFrom("AND", "OR"),
      (query, combine) => {
        const match = toMatchExpression(query, combine);
        if (match !== null) expect(select.all(match)).toEqual([]);
      },
    ),
  );
  database.close();
});

test("an excerpt is a piece of its text: bounded, and well formed where the text is", () => {
  fc.assert(
    fc.property(text, fc.nat(2000), text, (part, repeat, query) => {
      const whole = part.repeat(repeat % 400).slice(0, 20_000);
      const excerpt = toExcerpt(whole, query);
      expect(excerpt.length).toBeLessThanOrEqual(300);
      if (whole.isWellFormed()) expect(excerpt.isWellFormed()).toBe(true);
      expect(whole.replace(/\s+/gu, " ")).toContain(excerpt);
    }),
  );
});

test("an excerpt holds the first match, wherever it lies", () => {
  fc.assert(
    fc.property(fc.nat(3000), fc.nat(3000), (before, after) => {
      expect(toExcerpt(`${"\u{1f600}".repeat(before)} needle ${"x ".repeat(after)}`, "needle")).toContain("needle");
    }),
  );
});
