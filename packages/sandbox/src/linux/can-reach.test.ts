import { chmodSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../../test/temporary-directory.ts";
import { canReach } from "./can-reach.ts";

const STRANGER = 54_321;

test.each([
  [0o755, "stranger", true],
  [0o711, "stranger", true],
  [0o750, "stranger", false],
  [0o700, "stranger", false],
  [0o710, "of its group", true],
  [0o701, "of its group", false], // the kernel asks the group's bit, and no other
  [0o000, "its owner", true],
])("a directory with permissions %o lets in a user who is %s: %s", (mode, who, expected) => {
  using place = temporaryDirectory();
  const directory = join(place.path, "outer");
  mkdirSync(join(directory, "inner"), { recursive: true });
  chmodSync(place.path, 0o755);
  chmodSync(directory, mode);
  const owner = statSync(directory);
  const identity = {
    uid: who === "its owner" ? owner.uid : STRANGER,
    groups: who === "of its group" ? [STRANGER, owner.gid] : [STRANGER],
  };
  expect(canReach(directory, identity)).toBe(expected);
  if (process.getuid?.() === 0 || mode !== 0) expect(canReach(join(directory, "inner"), identity)).toBe(expected);
  chmodSync(directory, 0o755);
});

test("a directory that is not there cannot be reached", () => {
  using place = temporaryDirectory();
  expect(canReach(join(place.path, "absent"), { uid: process.getuid?.() ?? -1, groups: [] })).toBe(false);
});
