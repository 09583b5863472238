import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { openTestSandbox } from "./open-test-sandbox.ts";

test("a granted directory that a command replaces by a link opens nothing to the next one", async () => {
  await using it = await openTestSandbox({ writePaths: ["out"] });
  await it.sh("ln -s ../home out");
  const second = await it.sh(`echo x > ${it.home}/.bashrc`);
  expect(second.exitCode).not.toBe(0);
  expect(existsSync(join(it.home, ".bashrc"))).toBe(false);
});

test("a project deeper in /tmp cannot be moved to a path where nothing is protected", async () => {
  await using it = await openTestSandbox();
  const parent = dirname(it.project);
  const moved = `${parent}-moved`;
  await it.sh(`mv ${parent} ${moved}`);
  await it.sh(`echo x > ${moved}/${basename(it.project)}/.git/hooks/pre-commit`, { cwd: "/" });
  expect(existsSync(join(it.project, ".git/hooks/pre-commit"))).toBe(false);
  expect((await it.sh("echo x > kept")).exitCode).toBe(0);
});

test("a project deeper in /tmp cannot be replaced by a link to a directory of the host", async () => {
  await using it = await openTestSandbox();
  const parent = dirname(it.project);
  await it.sh(`mv ${parent} ${parent}-moved; mkdir ${parent}; ln -s ../../var/tmp/.. ${it.project}; true`);
  const mark = `/var/lib/koda-escape-${process.pid}`;
  await it.sh(`echo x > ${mark}`, { cwd: "/" });
  expect(existsSync(mark)).toBe(false);
});
