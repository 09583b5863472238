import { mkdirSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../../test/temporary-directory.ts";
import { findMatches } from "../policy/find-matches.ts";
import { parsePathGlob } from "../policy/path-glob.ts";
import { recallDirectories } from "./recall-directories.ts";

const SETTLED_MS = 1_100; // after which a directory's look is remembered

test.each<[change: string, act: (at: string) => void, found: string[]]>([
  ["nothing", () => undefined, ["a/.env"]],
  ["a file that is made, and the directory's times put back", makeSecretly, ["a/.env", "a/b/.env"]],
  [
    "a file that gets the name",
    (at) => renameSync(join(at, "a/b/plain"), join(at, "a/b/.env")),
    ["a/.env", "a/b/.env"],
  ],
  ["a match that goes", (at) => rmSync(join(at, "a/.env")), []],
  ["a directory that becomes a link", swapForLink, ["a/.env", "other/.env"]],
  ["a directory that another one replaces", replace, ["a/.env", "a/b/.env"]],
])("after %s, what is remembered is what is there", async (_change, act, expected) => {
  using place = temporaryDirectory();
  mkdirSync(join(place.path, "a/b"), { recursive: true });
  for (const name of ["a/.env", "a/b/plain"]) writeFileSync(join(place.path, name), "");
  await delay(SETTLED_MS);
  const recall = recallDirectories();
  const globs = [parsePathGlob("**/.env", { from: place.path, pattern: "**/.env" })];
  const find = (): string[] =>
    findMatches(globs, { open: [], recall })
      .map((path) => path.slice(place.path.length + 1))
      .sort();
  expect([find(), find()]).toEqual([["a/.env"], ["a/.env"]]);
  act(place.path);
  expect(find()).toEqual(expected);
});

test("a directory that did not change is not read again, one that changed just now is", async () => {
  using place = temporaryDirectory();
  let reads = 0;
  const look = () => ({ names: ++reads, entries: [] });
  const recall = recallDirectories();
  for (let time = 0; time < 3; time++) recall("k", place.path, look);
  expect(reads).toBe(3);
  await delay(SETTLED_MS);
  for (let time = 0; time < 3; time++) recall("k", place.path, look);
  expect(reads).toBe(4);
});

function makeSecretly(at: string): void {
  const { atime, mtime } = statSync(join(at, "a/b"));
  writeFileSync(join(at, "a/b/.env"), "");
  utimesSync(join(at, "a/b"), atime, mtime);
}

function swapForLink(at: string): void {
  renameSync(join(at, "a/b"), join(at, "other"));
  writeFileSync(join(at, "other/.env"), "");
  symlinkSync("../other", join(at, "a/b"));
}

function replace(at: string): void {
  rmSync(join(at, "a/b"), { recursive: true });
  mkdirSync(join(at, "a/b"));
  writeFileSync(join(at, "a/b/.env"), "");
}
