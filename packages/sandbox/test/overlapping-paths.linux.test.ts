import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { createPermits } from "../src/policy/permits.ts";
import { createPolicy, type PolicyInput } from "../src/policy/policy.ts";
import { openTestSandbox } from "./open-test-sandbox.ts";

type Paths = Omit<PolicyInput, "projectRoot" | "home">;

const FILES = ["f", "a/f", "a/b/f", "a/b/c/f", "a/b/c/d/f", ".env", "sub/.env.local", "keys/k.pem", "[id]/f"];
const HOME_FILES = ["notes", ".config/foo/token", "work/f"];

/** What one may do with a file: read and write it, read it, nothing. */
type Access = "rw" | "r-" | "--";

test.each<[title: string, paths: Paths, expected: Record<string, Access>]>([
  ["nothing but the project", {}, { "a/f": "rw", ".env": "rw", "~/notes": "r-" }],
  ["a denied directory", { readDenyPaths: ["a"] }, { f: "rw", "a/f": "--", "a/b/c/f": "--" }],
  ["a trailing slash", { readDenyPaths: ["a/"] }, { f: "rw", "a/f": "--" }],
  ["dots on the way", { readDenyPaths: ["./sub/../a/./b"] }, { "a/f": "rw", "a/b/f": "--" }],
  ["a path below the home", { readDenyPaths: ["~/.config/foo"] }, { "~/.config/foo/token": "--", "~/notes": "r-" }],
  ["a name that a link leads to", { readDenyPaths: ["link"] }, { "a/f": "rw", "a/b/f": "--", "link/f": "--" }],
  ["a path through a link", { readDenyPaths: ["link/c"] }, { "a/b/f": "rw", "a/b/c/f": "--" }],
  ["a grant inside a denial", { readDenyPaths: ["a"], writePaths: ["a/b"] }, { "a/f": "--", "a/b/f": "rw" }],
  [
    "a denial inside a grant inside a denial",
    { readDenyPaths: ["a", "a/b/c"], writePaths: ["a/b"] },
    { f: "rw", "a/f": "--", "a/b/f": "rw", "a/b/c/f": "--", "a/b/c/d/f": "--" },
  ],
  [
    "a grant inside that, too",
    { readDenyPaths: ["a", "a/b/c"], writePaths: ["a/b", "a/b/c/d"] },
    { "a/f": "--", "a/b/f": "rw", "a/b/c/f": "--", "a/b/c/d/f": "rw" },
  ],
  ["a denial and a grant of one path", { readDenyPaths: ["a/b"], writePaths: ["a/b"] }, { "a/b/f": "--", "a/f": "rw" }],
  ["a grant of a parent after a denial", { readDenyPaths: ["a/b"], writePaths: ["a"] }, { "a/f": "rw", "a/b/f": "--" }],
  [
    "the project in a denied home",
    { readDenyPaths: ["~/"], writePaths: ["~/work"] },
    { "~/notes": "--", "~/work/f": "rw" },
  ],
  ["a read-only directory", { readOnlyPaths: ["a"] }, { f: "rw", "a/f": "r-", "a/b/f": "r-" }],
  [
    "a grant inside a read-only directory",
    { readOnlyPaths: ["a"], writePaths: ["a/b"] },
    { "a/f": "r-", "a/b/f": "rw" },
  ],
  [
    "a read-only directory inside a denial",
    { readDenyPaths: ["a"], readOnlyPaths: ["a/b"] },
    { "a/f": "--", "a/b/f": "r-", "a/b/c/f": "r-" },
  ],
  [
    "a denial inside a read-only directory",
    { readDenyPaths: ["a/b"], readOnlyPaths: ["a"] },
    { "a/f": "r-", "a/b/f": "--" },
  ],
  ["a pattern at any depth", { readDenyPaths: ["**/.env*"] }, { ".env": "--", "sub/.env.local": "--", f: "rw" }],
  ["a pattern of directories", { readDenyPaths: ["a/*/c"] }, { "a/b/f": "rw", "a/b/c/f": "--", "a/b/c/d/f": "--" }],
  ["a pattern below the home", { readDenyPaths: ["~/.config/*"] }, { "~/.config/foo/token": "--", "~/notes": "r-" }],
  ["a read-only pattern", { readOnlyPaths: ["**/*.pem"] }, { "keys/k.pem": "r-", f: "rw" }],
  [
    "a grant inside a match",
    { readDenyPaths: ["*/b"], writePaths: ["a/b/c"] },
    { "a/f": "rw", "a/b/f": "--", "a/b/c/f": "rw" },
  ],
  [
    "a read-only directory inside a denial inside a read-only directory",
    { readOnlyPaths: ["a", "a/b/c"], readDenyPaths: ["a/b"] },
    { f: "rw", "a/f": "r-", "a/b/f": "--", "a/b/c/f": "r-" },
  ],
  ["a name that looks like a pattern", { readDenyPaths: ["[id]"] }, { "[id]/f": "--", f: "rw" }],
  ["read-only as a whole", { isReadOnly: true, writePaths: ["a"] }, { f: "r-", "a/f": "r-", "~/notes": "r-" }],
  ["names that do not exist", { readDenyPaths: ["none", "no*ne", "~/none"], writePaths: ["gone/x"] }, { f: "rw" }],
])("the deepest rule wins: %s [LF-23]", async (_title, paths, expected) => {
  const policy = { ...paths, readOnlyPaths: ["~", ...(paths.readOnlyPaths ?? [])] }; // it lies in /tmp here
  await using it = await openTestSandbox({ isRepository: false, prepare: plant, policy });
  const toHost = (name: string): string =>
    name.startsWith("~/") ? join(it.home, name.slice(2)) : join(it.project, name);
  const names = Object.keys(expected);
  const script = names.map((name) => `cat '${toHost(name)}'; echo ---; echo more >> '${toHost(name)}'`).join("\n");
  const { output } = await it.sh(`exec 2>/dev/null; cd /; ${script}; true`);
  const contents = output.split("---\n");
  const observed = names.map((name, index): [string, string] => {
    const isRead = contents[index] === "content\n";
    const isWritten = readFileSync(toHost(name), "utf8").endsWith("more\n");
    return [name, `${isRead ? "r" : "-"}${isWritten ? "w" : "-"}`];
  });
  expect(Object.fromEntries(observed)).toEqual(expected);
  const permits = createPermits(createPolicy({ projectRoot: it.project, home: it.home, ...policy }));
  const said = names.map((name) => [
    name,
    `${permits(toHost(name), "read") ? "r" : "-"}${permits(toHost(name), "write") ? "w" : "-"}`,
  ]);
  expect(Object.fromEntries(said)).toEqual(expected);
});

function plant({ project, home }: { project: string; home: string }): void {
  const files = [...FILES.map((name) => join(project, name)), ...HOME_FILES.map((name) => join(home, name))];
  for (const path of files) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "content\n");
  }
  symlinkSync("a/b", join(project, "link"));
}
