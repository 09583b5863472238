import { describe, expect, test } from "vitest";
import { loadBashParser } from "./parse-bash.ts";

const isParsed = async (script: string): Promise<boolean> => (await loadBashParser())(script, (root) => root !== null);

describe("the bash parser", () => {
  test.each(["a()", ")", "a=(", "((a", "<>"])(
    "gives up on %j over and over, which would hold up everything else",
    async (piece) => {
      expect(await isParsed(piece.repeat(9_800 / piece.length))).toBe(false);
    },
  );

  test.each([
    ["many commands", "echo one two three; ".repeat(400)],
    ["a long pipeline", `${"cat f | ".repeat(400)}wc -l`],
    ["a long here-document", `cat <<E\n${"some text with $words in it\n".repeat(300)}E\n`],
    ["deep substitutions", `${"$(echo ".repeat(90)}x${")".repeat(90)}`],
  ])("takes an honest script: %s", async (_, script) => {
    expect(await isParsed(script)).toBe(true);
  });

  test("reads the whole text of a node that is longer than what it reads at once", async () => {
    const script = `echo ${"x".repeat(5_000)}`;
    expect((await loadBashParser())(script, (root) => root?.text)).toBe(script);
  });

  test("reads <> as a redirection, and gives what was typed otherwise", async () => {
    const parse = await loadBashParser();
    expect(parse("cat 3<> f", (root) => root?.hasError)).toBe(false);
    expect(parse('echo "a<>b"', (root) => root?.text)).toBe('echo "a<>b"');
  });
});
