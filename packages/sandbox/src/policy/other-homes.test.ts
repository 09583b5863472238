import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../../test/temporary-directory.ts";
import { SECRET_HOME_PATHS } from "./always-denied.ts";
import { hideOtherHomes, listHomes } from "./other-homes.ts";

test("other users' homes are hidden whole, or their secrets where something needed lies in them", () => {
  using place = temporaryDirectory();
  const [own, whole, partly] = ["own", "whole", "partly"].map((name) => join(place.path, name)) as [
    string,
    string,
    string,
  ]; // three in, three out
  for (const home of [own, whole, partly]) mkdirSync(home);
  symlinkSync("whole", join(place.path, "link"));
  const homes = [own, whole, partly, join(place.path, "link"), join(place.path, "absent")];
  expect(hideOtherHomes({ homes, home: own, needed: [join(partly, "project")] })).toEqual([
    whole,
    ...SECRET_HOME_PATHS.map((name) => join(partly, name)),
  ]);
});

test("only root hides other homes: file permissions do it for everyone else", () => {
  expect(listHomes().includes("/root")).toBe(process.getuid?.() === 0);
});

test("a home that holds the user's own home stays", () => {
  using place = temporaryDirectory();
  const inner = join(place.path, "inner");
  mkdirSync(inner);
  expect(hideOtherHomes({ homes: [place.path], home: inner, needed: [] })).not.toContain(place.path);
});
