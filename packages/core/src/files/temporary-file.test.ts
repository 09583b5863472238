import { mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { removeTemporaries, temporaryName } from "./temporary-file.ts";

let directory = "";
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "koda-temporary-")));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test("what a killed call left beside its file is removed, and nothing of another call", async () => {
  const mine = [temporaryName("s/call_1"), temporaryName("s/call_1")];
  const other = temporaryName("s/call_2");
  for (const name of [...mine, other, "a.txt", ".koda-notes"]) writeFileSync(join(directory, name), "x");
  expect(new Set(mine).size).toBe(2);
  await removeTemporaries(join(directory, "a.txt"), "s/call_1");
  expect(readdirSync(directory).sort()).toEqual([other, ".koda-notes", "a.txt"].sort());
});

test("a directory that is gone, or leads elsewhere, is left alone", async () => {
  await removeTemporaries(join(directory, "gone", "a.txt"), "k");
  const target = join(directory, "target");
  const name = temporaryName("k");
  writeFileSync(join(directory, name), "x");
  symlinkSync(directory, target);
  await removeTemporaries(join(target, "a.txt"), "k");
  expect(readdirSync(directory)).toContain(name);
});
