import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createFilter } from "../src/filter/filter.ts";
import { openSandbox } from "../src/open-sandbox.ts";
import { createPolicy } from "../src/policy/policy.ts";
import { openTestSandbox } from "./open-test-sandbox.ts";
import { eventually } from "./proxy/rig.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

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

test("a wall that the user takes away while a command runs is reported with what could happen", async () => {
  const prepare = ({ home }: { readonly home: string }) => writeFileSync(join(home, ".netrc"), "old");
  await using it = await openTestSandbox({ projectIsHome: true, prepare });
  const running = it.sandbox.start({
    argv: ["bash", "-c", "echo up; until [ -e go ]; do sleep 0.01; done"],
    clientId: "running",
    isReadOnly: false,
  });
  await eventually(() => running.output.text() === "up\n");
  execFileSync("git", ["-C", it.project, "config", "koda.exchanged", "yes"]);
  writeFileSync(join(it.home, ".netrc-new"), "new");
  renameSync(join(it.home, ".netrc-new"), join(it.home, ".netrc"));
  writeFileSync(join(it.project, "go"), "");
  const { violations } = await running.ended;
  expect(violations.map(({ message }) => message)).toEqual([
    expect.stringMatching(/\.git\/config" is protected and was exchanged .* write to the new one/),
    expect.stringMatching(/\.netrc" is protected and was exchanged .* read the new one/),
  ]);
});

test("directories between two writable ones cannot be renamed, which would take the inner one's walls along [LF-05]", async () => {
  await using it = await openTestSandbox({ projectName: "a/b/project", writePaths: ["../.."] });
  const config = join(it.project, ".git/config");
  const before = readFileSync(config, "utf8");
  await it.sh(
    "cd ../..; mv b b2; mkdir -p b/project; cp -r b2/project/.git b/project/; echo evil >> b/project/.git/config",
  );
  expect(readFileSync(config, "utf8")).toBe(before);
});

test.each([
  ["its HEAD made a link", "rm -f .git/modules/sub/HEAD; ln -s refs/heads/main .git/modules/sub/HEAD"],
  ["hundreds of directories before it", "mkdir .git/modules/a{1..600}"],
])("a submodule's configuration stays protected for the next session: %s [LF-06]", async (_, script) => {
  using place = temporaryDirectory();
  const [project, home] = [join(place.path, "project"), join(place.path, "home")];
  const modules = join(project, ".git/modules/sub");
  for (const path of [home, join(modules, "objects"), join(modules, "refs")]) mkdirSync(path, { recursive: true });
  execFileSync("git", ["init", "--quiet", project]);
  writeFileSync(join(modules, "HEAD"), "ref: refs/heads/main\n");
  writeFileSync(join(modules, "config"), "");
  const run = async (command: string) => {
    await using sandbox = await openSandbox({
      policy: createPolicy({ projectRoot: project, home }),
      filter: createFilter({}),
      searchPath: process.env["PATH"] ?? "",
      environment: { PATH: process.env["PATH"], HOME: home },
    });
    await sandbox.run({ argv: ["bash", "-c", command], clientId: "c", isReadOnly: false, timeoutMs: 10_000 });
  };
  await run(script);
  await run("echo evil >> .git/modules/sub/config");
  expect(readFileSync(join(modules, "config"), "utf8")).toBe("");
});
