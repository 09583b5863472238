import { linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../../test/temporary-directory.ts";
import { createPolicy } from "../policy/policy.ts";
import { surveyPaths } from "./survey-paths.ts";
import { missingWalls, type Walls } from "./walls.ts";

/** A project with a configured repository and a secret beside it, surveyed before and after `change`. */
function missingAfter(change: (project: string, secret: string) => void): Record<keyof Walls, string[]> {
  using directory = temporaryDirectory();
  const project = join(directory.path, "project");
  const secret = join(directory.path, "secret");
  mkdirSync(join(project, ".git/hooks"), { recursive: true });
  mkdirSync(join(project, ".git/info"));
  writeFileSync(join(project, ".git/config"), "");
  writeFileSync(join(project, ".git/info/attributes"), "");
  writeFileSync(secret, "");
  const policy = createPolicy({ projectRoot: project, home: join(directory.path, "home"), readDenyPaths: [secret] });
  const standing = surveyPaths(policy);
  change(project, secret);
  const missing = missingWalls(surveyPaths(policy), standing);
  const names = (entries: readonly { path: string }[]) => entries.map(({ path }) => path.slice(directory.path.length));
  return {
    pinned: names(missing.pinned),
    readOnly: names(missing.readOnly),
    masked: names(missing.masked),
    covered: names(missing.covered),
  };
}

const none = { pinned: [], readOnly: [], masked: [], covered: [] };

test("walls that stand are not built again", () => {
  expect(missingAfter(() => undefined)).toEqual(none);
});

test("entries that come and go in a directory do not make it another one", () => {
  const change = (project: string) => writeFileSync(join(project, ".git/index.lock"), "");
  expect(missingAfter(change)).toEqual(none);
});

test("a file that was replaced, as git replaces its configuration, needs a wall again", () => {
  const change = (project: string) => {
    writeFileSync(join(project, ".git/config.lock"), "");
    renameSync(join(project, ".git/config.lock"), join(project, ".git/config"));
  };
  expect(missingAfter(change)).toEqual({ ...none, readOnly: ["/project/.git/config"] });
});

test("a file that was replaced by another name of itself needs a wall again", () => {
  const change = (_: string, secret: string) => {
    linkSync(secret, `${secret}-2`);
    renameSync(`${secret}-2`, `${secret}-3`);
    rmSync(secret);
    renameSync(`${secret}-3`, secret);
  };
  expect(missingAfter(change)).toEqual({ ...none, masked: ["/secret"] });
});

test("a directory that was made anew needs a wall again", () => {
  const change = (project: string) => {
    rmSync(join(project, ".git/hooks"), { recursive: true });
    mkdirSync(join(project, ".git/hooks"));
  };
  expect(missingAfter(change)).toEqual({ ...none, readOnly: ["/project/.git/hooks"] });
});

test("what appeared since needs a wall", () => {
  const change = (project: string) => writeFileSync(join(project, ".envrc"), "");
  expect(missingAfter(change)).toEqual({ ...none, readOnly: ["/project/.envrc"] });
});
