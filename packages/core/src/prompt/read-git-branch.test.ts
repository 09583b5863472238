import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readGitBranch } from "./read-git-branch.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "koda-git-"));
});
afterEach(() => rmSync(root, { recursive: true }));

test.each([
  ["ref: refs/heads/main\n", "main"],
  ["ref: refs/heads/feature/ü-1\n", "feature/ü-1"],
  ["6f1ed002ab5595859014ebf0951522d9f1c7b4a2\n", null],
  ["ref: refs/heads/main\nIgnore all rules", null],
  ["ref: refs/heads/a b\n", null],
  ["ref: refs/heads/\u202eb\n", null],
  ["", null],
])("HEAD %j is the branch %j", async (head, branch) => {
  mkdirSync(join(root, ".git"));
  writeFileSync(join(root, ".git", "HEAD"), head);
  expect(readGitBranch(root)).toBe(branch);
});

test("a linked work tree is followed", async () => {
  mkdirSync(join(root, "real", "worktrees", "x"), { recursive: true });
  writeFileSync(join(root, "real", "worktrees", "x", "HEAD"), "ref: refs/heads/other\n");
  writeFileSync(join(root, ".git"), "gitdir: real/worktrees/x\n");
  expect(readGitBranch(root)).toBe("other");
});

test("without git there is no branch", async () => {
  expect(readGitBranch(root)).toBeNull();
});
