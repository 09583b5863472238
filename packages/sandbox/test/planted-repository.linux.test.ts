import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openTestSandbox, type TestSandbox } from "./open-test-sandbox.ts";

/** What a user does next; git then runs whatever its configuration names. */
function gitStatusOutside(it: TestSandbox): void {
  try {
    execFileSync("git", ["status"], { cwd: it.project, stdio: "ignore" });
  } catch {
    // no repository (any more): nothing was run either
  }
}

const config = (it: TestSandbox): string => `[core]\n fsmonitor = "touch ${it.home}/pwned; false"\n`;

test.each([
  [
    "a .git file that points at a repository of its own",
    ['git init -q x; printf %s "$C" >> x/.git/config; mv x/.git g; echo gitdir: g > .git'],
  ],
  [
    "a .git link, configured by the next command",
    ["git init -q x; ln -s x/.git .git", 'printf %s "$C" > x/.git/config'],
  ],
  ["a bare repository in the project's own directory", ['git init -q --bare .; printf %s "$C" >> config']],
])("in a plain directory, %s is not planted (LF-05, LF-07)", async (_, scripts) => {
  await using it = await openTestSandbox({ isRepository: false });
  for (const script of scripts) await it.sh(script, { env: { C: config(it) } });
  gitStatusOutside(it);
  expect(existsSync(join(it.home, "pwned"))).toBe(false);
});

test("a broken .git does not let git fall back on a bare repository beside it", async () => {
  await using it = await openTestSandbox();
  await it.sh('rm .git/HEAD; git init -q --bare x; mv x/* .; printf %s "$C" >> config', { env: { C: config(it) } });
  gitStatusOutside(it);
  expect(existsSync(join(it.home, "pwned"))).toBe(false);
});

test.each([
  ["a link", (it: TestSandbox) => symlinkSync("real", join(it.project, ".git"))],
  ["a pointer file", (it: TestSandbox) => writeFileSync(join(it.project, ".git"), "gitdir: real\n")],
])("a .git that is %s protects the git directory it leads to", async (_, makeDotGit) => {
  await using it = await openTestSandbox();
  renameSync(join(it.project, ".git"), join(it.project, "real"));
  makeDotGit(it);
  await it.sh("echo x > real/hooks/pre-commit; echo x >> real/config; mv real r2");
  expect(existsSync(join(it.project, "real/hooks/pre-commit"))).toBe(false);
  expect((await it.sh("git status --porcelain")).exitCode).toBe(0);
});

test("hooks and configuration that the repository keeps elsewhere are not written", async () => {
  await using it = await openTestSandbox();
  const set = (...args: string[]) => execFileSync("git", ["-C", it.project, "config", ...args]);
  set("core.hooksPath", "tools/hooks");
  set("include.path", "../team.gitconfig");
  mkdirSync(join(it.project, "tools/hooks"), { recursive: true });
  const result = await it.sh(
    "echo x > tools/hooks/pre-commit; mv tools t2; echo x > team.gitconfig; echo x > tools/kept",
  );
  expect(existsSync(join(it.project, "tools/hooks/pre-commit"))).toBe(false);
  expect(existsSync(join(it.project, "team.gitconfig"))).toBe(false);
  expect(existsSync(join(it.project, "tools/kept"))).toBe(true);
  expect(result.violations.map((violation) => violation.kind)).toContain("file");
});

test("a protected name that is a link protects what it leads to", async () => {
  await using it = await openTestSandbox();
  mkdirSync(join(it.project, "shared"));
  symlinkSync("shared", join(it.project, ".vscode"));
  await it.sh("echo x > .vscode/tasks.json; echo x > shared/tasks.json");
  expect(existsSync(join(it.project, "shared/tasks.json"))).toBe(false);
});

test("git inside runs no fsmonitor of a repository further down, and enters no bare one by itself (BC-10)", async () => {
  await using it = await openTestSandbox();
  await it.sh('git init -q sub; printf "[core]\\n fsmonitor = touch ../pwned; false\\n" >> sub/.git/config');
  const status = await it.sh("cd sub && echo x > a && git add a && git status --porcelain");
  expect(status).toMatchObject({ exitCode: 0, output: "A  a\n" });
  expect(existsSync(join(it.project, "pwned"))).toBe(false);
  const bare = await it.sh("git init -q --bare b && cd b && git log");
  expect(bare.output).toContain("safe.bareRepository");
});

test("git init in a plain directory leaves a repository that works", async () => {
  await using it = await openTestSandbox({ isRepository: false });
  await it.sh("git init -q; echo x > a");
  const commit = "git add a && git -c user.name=a -c user.email=a@b commit -qm one && git log --format=%s";
  expect((await it.sh(commit)).output).toBe("one\n");
});
