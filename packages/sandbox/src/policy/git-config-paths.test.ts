import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../../test/temporary-directory.ts";
import { findGitConfigPaths } from "./git-config-paths.ts";

const find = (text: string, at: string): string[] => {
  const configPath = join(at, "config");
  writeFileSync(configPath, text);
  return findGitConfigPaths({ configPath, workingTree: "/work", home: "/home/ada" });
};

test.each([
  ["[core]\n\thooksPath = tools/hooks\n", ["/work/tools/hooks"]],
  ["[core] HOOKSPATH=~/hooks", ["/home/ada/hooks"]],
  ['[core]\nhooksPath = "/with space"\n', ["/with space"]],
  ["[core]\n\thooksPath = tools/hooks # ours\n", ["/work/tools/hooks"]],
  ['[core]\n\thooksPath = "a#b";c\n', ["/work/a#b"]],
  ['[core]\n\thooksPath = a\\"b" c"\n', ['/work/a"b c']],
  ["[core]\n\tbare = false\n", []],
  ["[core]\n\thooksPath =\n\tbare = false\n", []],
])("%j sends git to %j", (text, expected) => {
  using place = temporaryDirectory();
  expect(find(text, place.path)).toEqual(expected);
});

test("an included file is relative to the configuration itself", () => {
  using place = temporaryDirectory();
  const text = '[include]\n\tpath = a\n[includeIf "gitdir:/x/"]\n\tpath = ../b\n';
  expect(find(text, place.path)).toEqual([join(place.path, "a"), join(place.path, "../b")]);
});

test("what an included file includes is found, also where they include each other", () => {
  using place = temporaryDirectory();
  writeFileSync(join(place.path, "a"), "[include]\n\tpath = b # and so on\n");
  writeFileSync(join(place.path, "b"), "[include]\n\tpath = config\n[core]\n\thooksPath = hooks\n");
  const found = [join(place.path, "a"), join(place.path, "b"), join(place.path, "config"), "/work/hooks"];
  expect(find("[include]\n\tpath = a\n", place.path)).toEqual(found);
});

test("without a configuration there is nothing", () => {
  const options = { configPath: "/nowhere/config", workingTree: "/work", home: "/home/ada" };
  expect(findGitConfigPaths(options)).toEqual([]);
});
