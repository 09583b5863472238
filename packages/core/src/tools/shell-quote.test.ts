import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseWord } from "../trust/bash/word.ts";
import { shellQuote } from "./shell-quote.ts";

test("bash sees exactly the text that was quoted", () => {
  const texts = fc.sample(
    fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0")),
    { numRuns: 500, seed: 3 },
  );
  const script = `printf '%s\\0' ${["-n", "a'b", "$(x)", "\n", ...texts].map(shellQuote).join(" ")}`;
  const seen = execFileSync("bash", ["--noprofile", "--norc"], { input: script, encoding: "utf8" });
  expect(seen.split("\0").slice(0, -1)).toEqual(["-n", "a'b", "$(x)", "\n", ...texts]);
});

test("what is quoted parses back to itself", () => {
  fc.assert(
    fc.property(
      fc.string().filter((text) => !text.includes("\0")),
      (text) => {
        expect(parseWord(shellQuote(text), { home: "/h", cwd: null }).value).toBe(text);
      },
    ),
  );
});

test("a NUL is refused", () => {
  expect(() => shellQuote("a\0b")).toThrow(expect.objectContaining({ code: "bad_path" }));
});
