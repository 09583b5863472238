import { expect, test } from "vitest";
import { toSearchWords } from "./to-search-words.ts";

test.each([
  ["Why do the tests fail? The TESTS!", "tests fail"],
  ["npm it", "npm it"],
  ['"v8" OR é AND *', "v8 é"],
  ["構文を直す", "構文を直す"],
  ["", ""],
  [
    Array.from({ length: 100 }, (_, index) => `word${index}`).join(" "),
    Array.from({ length: 64 }, (_, index) => `word${index}`).join(" "),
  ],
])("the words of %j are %j", (text, words) => {
  expect(toSearchWords(text)).toBe(words);
});
