import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseWord, splitWords } from "./word.ts";

const context = { home: "/home/u", cwd: "/p" };

describe("parseWord", () => {
  test.each([
    ["a", "a"],
    ["'a b'", "a b"],
    ['"a b"', "a b"],
    ["r'm'", "rm"],
    ["\\rm", "rm"],
    ['"a\\"b"', 'a"b'],
    ['"a\\b"', "a\\b"],
    ["a\\\nb", "ab"],
    ["~", "/home/u"],
    ["~/x", "/home/u/x"],
    ["'~'/x", "~/x"],
    ["$HOME/x", "/home/u/x"],
    [`"$\{PWD}/x"`, "/p/x"],
    ["a$", "a$"],
    ["$X", null],
    ["$HOMER", null],
    ["~root/x", null],
    ["$(x)", null],
    ['"`x`"', null],
    ["$'a'", null],
    ["{a,b}", null],
    ["'a", null],
    ["<(x)", null],
  ])("%j is %j", (text, value) => {
    expect(parseWord(text, context).value).toBe(value);
  });

  test("a glob is found where it is unquoted only", () => {
    expect(parseWord("a/*.ts", context).globAt).toBe(2);
    expect(parseWord("'a/*.ts'", context).globAt).toBe(-1);
    expect(parseWord("a\\*b", context).globAt).toBe(-1);
  });

  test("every value is the one that bash sees", () => {
    const part = fc.constantFrom(
      "a",
      "b",
      " ",
      "'",
      '"',
      "\\",
      "$",
      "HOME",
      "~",
      "/",
      "`",
      "{",
      "}",
      ",",
      "=",
      "-",
      "x",
      "\n",
      "(",
      ")",
      "#",
      "!",
    );
    const words = fc.sample(
      fc.array(part, { minLength: 1, maxLength: 7 }).map((parts) => parts.join("")),
      { numRuns: 3_000, seed: 7 },
    );
    const known = [...new Set(words)].flatMap((text) => {
      const isOneWord = splitWords(text)?.[0]?.text === text && !/^(?:\\\n)*#/.test(text);
      const { value } = parseWord(text, context);
      return value === null || !isOneWord ? [] : [{ text, value }];
    });
    const script = known.map(({ text }) => `printf '%s\\0' ${text}\nprintf '\\1\\0'`).join("\n");
    const seen = execFileSync("bash", ["--noprofile", "--norc"], {
      input: `HOME=/home/u; PWD=/p; set +H\n${script}\n`,
      encoding: "utf8",
      maxBuffer: 1e8,
    });
    expect(known.length).toBeGreaterThan(200);
    expect(seen.split("\u0001\0").slice(0, -1)).toEqual(known.map(({ value }) => `${value}\0`));
  });

  test("nothing but a word comes out, whatever goes in", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const word = parseWord(text, context);
        expect(word.text).toBe(text);
        expect(word.value === null ? word.globAt : 0).toBe(word.value === null ? -1 : 0);
      }),
    );
  });
});
