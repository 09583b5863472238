import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../../test/temporary-directory.ts";
import { findMatches, matchBounds } from "./find-matches.ts";
import { parsePathGlob } from "./path-glob.ts";

const FILES = [
  "a/.env",
  "a/b/k.pem",
  "a/b/.env/inner",
  "node_modules/x/.env",
  ".git/k.pem",
  "(x)/k.pem",
  "K.PEM",
  "n\nl/k.pem",
];

function find(
  patterns: readonly string[],
  options: { open?: string[]; maxNames?: number; maxMatches?: number } = {},
): string[] {
  using place = temporaryDirectory();
  for (const name of FILES) {
    mkdirSync(dirname(join(place.path, name)), { recursive: true });
    writeFileSync(join(place.path, name), "");
  }
  symlinkSync("a", join(place.path, "link"));
  const globs = patterns.map((pattern) => parsePathGlob(pattern, { from: place.path, pattern }));
  const open = (options.open ?? []).map((name) => join(place.path, name));
  const found = findMatches(globs, { open, bounds: { ...matchBounds, ...options } });
  return found.map((path) => path.slice(place.path.length + 1)).sort();
}

test.each([
  [["**/.env*"], ["a/.env", "a/b/.env"]],
  [["**/*.pem"], ["(x)/k.pem", "K.PEM", "a/b/k.pem", "n\nl/k.pem"]],
  [["*/k.pem"], ["(x)/k.pem", "n\nl/k.pem"]],
  [["*/(x)", "(x)/*"], ["(x)/k.pem"]],
  [["node_modules/**/.env"], ["node_modules/x/.env"]],
  [["**/node_modules/**/.env"], ["node_modules/x/.env"]],
  [["{a,.git}/*"], [".git/k.pem", "a/.env", "a/b"]],
  [["l*"], ["link"]],
  [["**/l*/b"], []],
  [["none/**"], []],
])("%j finds the outermost of what it matches: %j", (patterns, expected) => {
  expect(find(patterns)).toEqual(expected);
});

test("a match that holds something granted is looked into", () => {
  expect(find(["?/b", "**/*.pem"], { open: ["a/b/sub"] })).toContain("a/b/k.pem");
  expect(find(["?/b", "**/*.pem"])).not.toContain("a/b/k.pem");
});

test.each([
  [{ maxNames: 5 }, 'the pattern "**/*.pem" cannot be obeyed: looking for it takes more than 5 names'],
  [{ maxMatches: 2 }, 'the pattern "**/*.pem" cannot be obeyed: it matches more than 2 paths'],
])("beyond %j it is refused, saying which pattern", (bounds, message) => {
  expect(() => find(["**/*.pem"], bounds)).toThrow(
    expect.objectContaining({ code: "bad_policy", message: expect.stringContaining(message) }),
  );
});
