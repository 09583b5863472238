import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openTestSandbox } from "./open-test-sandbox.ts";

/** Walls are mounted once for a session, and a mount goes with the file that it lies on: these files are exchanged while the session lives. */
const evil = "git config core.fsmonitor evil; echo evil >> .git/config; rm -f .git/config; mv .git/config x";

test("a protected file that was exchanged from outside is protected for the next command [LF-06]", async () => {
  await using it = await openTestSandbox();
  const config = join(it.project, ".git/config");
  for (let round = 0; round < 3; round += 1) {
    execFileSync("git", ["-C", it.project, "config", "koda.round", `${round}`]); // a new file, renamed over the old one
    const before = readFileSync(config, "utf8");
    await it.sh(evil);
    expect(readFileSync(config, "utf8")).toBe(before);
  }
});

test("a directory that was made anew from outside is protected for the next command [LF-06]", async () => {
  await using it = await openTestSandbox();
  const hooks = join(it.project, ".git/hooks");
  rmSync(hooks, { recursive: true });
  mkdirSync(hooks);
  await it.sh(
    "echo evil > .git/hooks/pre-commit; mv .git/hooks .git/h2; rm -rf .git/hooks; mkdir -p .git/hooks; echo evil > .git/hooks/x",
  );
  expect(execFileSync("ls", ["-A", hooks], { encoding: "utf8" })).toBe("");
});

test("a secret that was exchanged from outside is empty for the next command, and its directory, too [LF-14]", async () => {
  const prepare = ({ home }: { readonly home: string }) => {
    mkdirSync(join(home, ".ssh"));
    writeFileSync(join(home, ".ssh/id"), "secret");
    writeFileSync(join(home, ".netrc"), "secret");
  };
  // The home as the project, since one in the private /tmp would not be seen at all.
  await using it = await openTestSandbox({ projectIsHome: true, prepare });
  const read = async () => (await it.sh("cat ~/.netrc ~/.ssh/* 2>/dev/null; ls -A ~/.ssh")).output;
  expect(await read()).toBe("");
  writeFileSync(join(it.home, ".netrc-new"), "secret");
  renameSync(join(it.home, ".netrc-new"), join(it.home, ".netrc"));
  renameSync(join(it.home, ".ssh"), join(it.home, "old"));
  rmSync(join(it.home, "old"), { recursive: true });
  mkdirSync(join(it.home, ".ssh"));
  writeFileSync(join(it.home, ".ssh/id"), "secret");
  expect(await read()).toBe("");
});

test("in plan mode what stands in the session is read-only as well", async () => {
  await using it = await openTestSandbox();
  const result = await it.sh("echo x > new; echo x > .git/new; echo x > .git/info/new; echo x > .git/config; ls", {
    isReadOnly: true,
  });
  expect(result.output.split("\n").filter((line) => !line.includes("Read-only"))).toEqual([""]);
});
