import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../../test/temporary-directory.ts";
import type { PathSurvey } from "./survey-paths.ts";
import { undoPlanted } from "./undo-planted.ts";

const watching = (...paths: string[]): PathSurvey => ({
  maskedSockets: [],
  pinned: [],
  readOnly: [],
  masked: [],
  covered: [],
  watched: paths.map((path) => ({ path, linkTarget: null })),
  absentGitDirectories: [],
});

test("two of one name are both kept, in a directory of the user's alone", () => {
  using place = temporaryDirectory();
  const [path, quarantine] = [join(place.path, ".envrc"), join(place.path, "data/quarantine")];
  for (const text of ["one", "two"]) {
    writeFileSync(path, text);
    expect(undoPlanted(watching(path), [quarantine])).toMatchObject([{ path, outcome: { kind: "moved" } }]);
  }
  const kept = readdirSync(quarantine).map((name) => readFileSync(join(quarantine, name), "utf8"));
  expect(kept.sort()).toEqual(["one", "two"]);
  expect(statSync(quarantine).mode & 0o777).toBe(0o700);
});

test("a link on the way is not followed: what it leads to stays, and is not called undone", () => {
  using place = temporaryDirectory();
  mkdirSync(join(place.path, "outside"));
  writeFileSync(join(place.path, "outside/hooks"), "mine");
  symlinkSync("outside", join(place.path, ".git"));
  const path = join(place.path, ".git/hooks");
  expect(undoPlanted(watching(path), [join(place.path, "q")])).toEqual([{ path, outcome: { kind: "still-there" } }]);
  expect(readFileSync(join(place.path, "outside/hooks"), "utf8")).toBe("mine");
});

test("a quarantine that is a link or on another device is passed over", () => {
  using place = temporaryDirectory();
  using shm = temporaryDirectory("../dev/shm/koda-sandbox-");
  mkdirSync(join(place.path, "elsewhere"));
  symlinkSync("elsewhere", join(place.path, "link"));
  const path = join(place.path, ".vscode");
  mkdirSync(path);
  const [undone] = undoPlanted(watching(path), [join(place.path, "link"), shm.path, join(place.path, "q")]);
  expect(undone?.outcome).toMatchObject({ to: expect.stringContaining(join(place.path, "q/.vscode-")) });
  expect(readdirSync(join(place.path, "elsewhere"))).toEqual([]);
});

test("what no quarantine takes gets another name in place", () => {
  using place = temporaryDirectory();
  const path = join(place.path, ".envrc");
  writeFileSync(path, "x");
  writeFileSync(join(place.path, "spoilt"), "");
  undoPlanted(watching(path), [join(place.path, "spoilt")]);
  expect(existsSync(path)).toBe(false);
  expect(readdirSync(place.path)).toEqual([expect.stringMatching(/^\.envrc-/), "spoilt"]);
});

test("a quarantine that others may enter is closed to them first", () => {
  using place = temporaryDirectory();
  const [path, quarantine] = [join(place.path, ".envrc"), join(place.path, "q")];
  writeFileSync(path, "x");
  mkdirSync(quarantine);
  chmodSync(quarantine, 0o777);
  undoPlanted(watching(path), [quarantine]);
  expect(statSync(quarantine).mode & 0o777).toBe(0o700);
});
