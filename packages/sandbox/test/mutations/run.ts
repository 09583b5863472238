/**
 * Takes one defence away at a time, in a copy of the package, and shows which tests see it: by hand, a few minutes.
 *
 *     node packages/sandbox/test/mutations/run.ts [PART OF A DEFENCE'S NAME]
 *
 * Without a name the outcome is written to `table.md` beside this file. Fails when a defence is missed by no test.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MUTATIONS, type Mutation } from "./mutations.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const wanted = process.argv[2] ?? "";
const isRoot = process.getuid?.() === 0;
const copy = mkdtempSync(join(homedir(), ".koda-mutations-"));

interface Outcome {
  readonly defence: string;
  readonly redTests: readonly string[];
}

try {
  makeCopy();
  const chosen = MUTATIONS.filter(
    ({ defence, isForRoot }) => defence.includes(wanted) && (isForRoot !== true || isRoot),
  );
  const outcomes: Outcome[] = [];
  for (const mutation of chosen) {
    const outcome = { defence: mutation.defence, redTests: tryWithout(mutation) };
    outcomes.push(outcome);
    process.stdout.write(
      `${outcome.redTests.length === 0 ? "MISSED" : `${outcome.redTests.length} red`}  ${outcome.defence}\n`,
    );
  }
  if (wanted === "") writeFileSync(new URL("./table.md", import.meta.url), toTable(outcomes));
  if (outcomes.some((outcome) => outcome.redTests.length === 0)) process.exitCode = 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}

function makeCopy(): void {
  for (const name of ["vitest.config.ts", "package.json", "tsconfig.base.json", "scripts"]) {
    cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  const own = "packages/sandbox";
  for (const name of ["src", "test", "package.json", "tsconfig.json"]) {
    cpSync(join(root, own, name), join(copy, own, name), { recursive: true });
  }
  // The other projects of the configuration need a directory each.
  for (const name of ["core", "providers", "mcp", "cli"]) mkdirSync(join(copy, "packages", name), { recursive: true });
  mkdirSync(join(copy, "bench"));
  for (const place of [".", own]) symlinkSync(join(root, place, "node_modules"), join(copy, place, "node_modules"));
}

/** Names of the tests that fail; the copy is as before afterwards. */
function tryWithout({ defence, edits, tests, named }: Mutation): readonly string[] {
  let whole = runTests(tests, named);
  if (whole === null || whole.length > 0) whole = runTests(tests, named); // what else runs on the machine can disturb one
  if (whole === null) throw new Error(`${defence}: none of its tests ran`);
  if (whole.length > 0) throw new Error(`${defence}: red with it in place: ${whole.join("; ")}`);
  const before = new Map<string, string>();
  for (const { file, from, to } of edits) {
    const path = join(copy, "packages/sandbox/src", file);
    const text = readFileSync(path, "utf8");
    if (!before.has(path)) before.set(path, text);
    if (!text.includes(from)) throw new Error(`${defence}: ${file} no longer holds ${JSON.stringify(from)}`);
    writeFileSync(path, text.replaceAll(from, to));
  }
  try {
    return runTests(tests, named) ?? ["the process of the tests was killed"];
  } finally {
    for (const [path, text] of before) writeFileSync(path, text);
  }
}

/** Titles of those that fail. Null when none came to its end. */
function runTests(files: readonly string[], named: string | undefined): readonly string[] | null {
  const report = join(copy, "report.json");
  rmSync(report, { force: true });
  const select = named === undefined ? [] : ["-t", named.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")];
  const args = ["run", "--project", "sandbox", "--reporter=json", `--outputFile=${report}`, ...select, ...files];
  const run = spawnSync(join(root, "node_modules/.bin/vitest"), args, {
    cwd: copy,
    env: { ...process.env, HOME: copy }, // what a killed test leaves in the home is removed with the copy
    encoding: "utf8",
    timeout: 180_000,
  });
  if (run.signal !== null || !existsSync(report)) return null;
  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as Report; // Vitest's own, as Jest's
  const all = testResults.flatMap(({ assertionResults }) => assertionResults);
  if (!all.some(({ status }) => status === "passed" || status === "failed")) return null;
  const red = all.filter(({ status }) => status === "failed");
  if (wanted !== "") for (const { failureMessages } of red) process.stdout.write(`${failureMessages.join("\n")}\n`);
  return red.map(({ title }) => title);
}

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly title: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

function toTable(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ defence, redTests: red }) => {
    const [first = "**none**", ...others] = red.map((title) => title.replaceAll(/[\n|]/g, " "));
    return `| ${defence} | ${first}${others.length === 0 ? "" : `, and ${others.length} more`} |`;
  });
  return `# What each defence is worth

Written by \`node packages/sandbox/test/mutations/run.ts\`, as ${isRoot ? "root" : "an ordinary user"}: each defence is taken away in a
copy of the package, and the tests that then fail are named.

| without this defence | this test fails |
| --- | --- |
${rows.join("\n")}
`;
}
