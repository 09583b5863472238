import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { splitWords } from "../src/trust/bash/word.ts";
import { classifyBash } from "../src/trust/classify-bash.ts";

/** Commands and what joins them, thrown together at random. The programs do not exist, so bash only tells that it wanted them. */
const commands = [
  "one",
  "two x",
  "three -a 'b c'",
  "$(one)",
  "four $(two)",
  'five "$(three) `one`"',
  "'two'",
  'o"n"e',
  "\\two",
  "a=b one",
  "a=$(two)",
  "! three",
  "(four)",
  "{ five; }",
  "if one; then two; fi",
  "for i in x y; do three $i; done",
  "while one; do two; break; done",
  "case x in x) four ;; esac",
  "one <<EOF\n$(two)\nEOF\n",
  "one <<'EOF'\n$(two)\nEOF\n",
  "three <<< $(five)",
  "one 2>&1",
  "two 2>/dev/null -x",
  "cat <(one)",
  "[[ -n a ]]",
  "one # two",
  "eval 'three; four'",
  "command one",
  "x() { five; }; x",
];
const glue = ["; ", " && ", " || ", " | ", " & ", "\n", " |& ", " ", "", "\\\n", "'", '"', "#", "(", ")", "`"];

test("every program that bash starts is one that was listed, or the command was not read-only", {
  timeout: 60_000,
}, async () => {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "koda-differential-")));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const scripts = fc.sample(
    fc
      .array(fc.tuple(fc.constantFrom(...commands), fc.constantFrom(...glue)), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.flat().join("")),
    { numRuns: 500, seed: 11 },
  );
  let started = 0;
  for (const script of new Set(scripts)) {
    const { commands: found, effect } = await classifyBash(script, { projectRoot: directory, cwd: directory });
    if (effect === "destructive") continue;
    const listed = new Set(found.flatMap((command) => splitWords(command)?.map(({ value }) => value) ?? []));
    for (const program of programsStartedBy(script, directory)) {
      started++;
      expect(listed, JSON.stringify(script)).toContain(program);
    }
  }
  expect(started).toBeGreaterThan(100);
});

function programsStartedBy(script: string, cwd: string): readonly string[] {
  const shim = `command_not_found_handle() { printf '%s\\0' "$1" >&9; }\n`;
  const wrapped = `exec 9>&1 1>/dev/null 2>/dev/null\nPATH=/nowhere\n${shim}eval "$1"`;
  let output: string;
  try {
    output = execFileSync("bash", ["--noprofile", "--norc", "-c", wrapped, "bash", script], {
      cwd,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 5_000,
    });
  } catch (error) {
    output = error instanceof Error && "stdout" in error ? String(error.stdout) : "";
  }
  return output.split("\0").slice(0, -1);
}
