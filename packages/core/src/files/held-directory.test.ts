import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { HeldDirectory } from "./held-directory.ts";
import { makeDirectories } from "./make-directories.ts";
import { removeTree } from "./remove-tree.ts";

function createTree(): { readonly inside: string; readonly outside: string } {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "koda-held-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const [inside, outside] = [join(root, "inside"), join(root, "outside")];
  mkdirSync(inside);
  mkdirSync(outside);
  writeFileSync(join(outside, "precious"), "x");
  return { inside, outside };
}

async function hold(path: string): Promise<HeldDirectory> {
  const held = await HeldDirectory.open(path);
  if (held.kind === "refusal") throw new Error(held.message);
  return held;
}

test("directories are made one in the other", async () => {
  const { inside } = createTree();
  expect(await makeDirectories(join(inside, "a/b/c"))).toBeNull();
  expect(await makeDirectories(join(inside, "a/b/c"))).toBeNull();
  expect(readdirSync(join(inside, "a/b"))).toEqual(["c"]);
});

test("FT-04: no directory is made through a link that was put on the way", async () => {
  const { inside, outside } = createTree();
  symlinkSync(outside, join(inside, "a"));
  await expect(makeDirectories(join(inside, "a/b/c"))).rejects.toThrow("ENOTDIR");
  expect(readdirSync(outside)).toEqual(["precious"]);
});

test("FT-04: a tree is deleted with its links, not with what they lead to", async () => {
  const { inside, outside } = createTree();
  mkdirSync(join(inside, "t/deep/er"), { recursive: true });
  symlinkSync(outside, join(inside, "t/deep/link"));
  await using held = await hold(inside);
  await removeTree(held, "t");
  expect(readdirSync(inside)).toEqual([]);
  expect(readdirSync(outside)).toEqual(["precious"]);
});

test("FT-04: a directory swapped for a link after it was looked at is not followed", async () => {
  const { inside, outside } = createTree();
  mkdirSync(join(inside, "t"));
  await using held = await hold(inside);
  renameSync(join(inside, "t"), join(inside, "was"));
  symlinkSync(outside, join(inside, "t"));
  await expect(removeTree(held, "t")).rejects.toThrow("ENOTDIR");
  expect(existsSync(join(outside, "precious"))).toBe(true);
});
