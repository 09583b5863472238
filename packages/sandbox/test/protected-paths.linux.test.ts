import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openTestSandbox } from "./open-test-sandbox.ts";

test("existing protected files stay as they are (LF-06, LF-08)", async () => {
  await using it = await openTestSandbox();
  mkdirSync(join(it.project, ".vscode"));
  writeFileSync(join(it.project, ".mcp.json"), "{}");
  const before = readFileSync(join(it.project, ".git/config"), "utf8");
  await it.sh(
    "echo x >> .git/config; git config core.fsmonitor evil; echo x > .mcp.json; rm .mcp.json; echo x > .vscode/tasks.json; rm -rf .vscode; echo x > .git/hooks/pre-commit; ln .git/config c2 && echo x >> c2; rm -rf .git/hooks",
  );
  expect(readFileSync(join(it.project, ".git/config"), "utf8")).toBe(before);
  expect(readFileSync(join(it.project, ".mcp.json"), "utf8")).toBe("{}");
  expect(readdirSync(join(it.project, ".vscode"))).toEqual([]);
  expect(existsSync(join(it.project, ".git/hooks/pre-commit"))).toBe(false);
  expect(existsSync(join(it.project, ".git/hooks"))).toBe(true);
});

test("absent protected files that a command creates are moved away, reported, and leave no ghost (LF-04, LF-13)", async () => {
  await using it = await openTestSandbox();
  const result = await it.sh("mkdir .koda && echo x > .koda/a; echo x > .envrc; ln -s /etc .vscode; echo x > kept");
  expect(readdirSync(it.project).sort()).toEqual([".git", "kept"]);
  const messages = result.violations.filter((violation) => violation.kind === "file").map(({ message }) => message);
  expect(messages).toHaveLength(3);
  const places = messages.map((message) => /moved to "(.*)"$/.exec(message)?.[1] ?? "");
  expect(places.every((place) => place.startsWith(join(it.home, ".local/share/koda/quarantine/")))).toBe(true);
  const [directory, file] = [
    places.find((place) => place.includes(".koda-")),
    places.find((place) => place.includes(".envrc-")),
  ];
  expect(readFileSync(join(directory ?? "", "a"), "utf8")).toBe("x\n");
  expect(readFileSync(file ?? "", "utf8")).toBe("x\n");
  expect((await it.sh("true")).violations).toEqual([]);
  expect(readdirSync(it.project).sort()).toEqual([".git", "kept"]);
});

test.each([
  "git remote add o https://example.test/x",
  "git config a.b c",
  "git init",
  "mv .git x",
  "echo x > .git/hooks/pre-commit",
])("%s fails with a sentence that says what is protected", async (script) => {
  await using it = await openTestSandbox();
  const { exitCode, violations } = await it.sh(script);
  expect(exitCode).not.toBe(0);
  expect(violations.map(({ message }) => message)).toContainEqual(
    expect.stringContaining("git configuration and hooks are protected"),
  );
});

test("what a command planted is moved away too when the sandbox is closed under it", async () => {
  await using it = await openTestSandbox();
  const run = it.sh("echo x > .envrc; echo ready; sleep 60", {
    onOutput: () => void it.sandbox[Symbol.asyncDispose](),
  });
  expect(await run).toMatchObject({ exitCode: null, signal: "SIGKILL", output: "ready\n" });
  await it.sandbox[Symbol.asyncDispose]();
  expect(existsSync(join(it.project, ".envrc"))).toBe(false);
});

test("what a link planted for the clean-up points to is not touched", async () => {
  await using it = await openTestSandbox();
  const outside = join(it.home, "hooks");
  mkdirSync(outside);
  writeFileSync(join(outside, "mine"), "");
  execFileSync("rm", ["-rf", join(it.project, ".git")]);
  await it.sh(`ln -s ${it.home} .git`);
  expect(readdirSync(outside)).toEqual(["mine"]);
});

test("a protected path that is a link is put back when a command replaces it", async () => {
  await using it = await openTestSandbox();
  mkdirSync(join(it.project, "shared"));
  symlinkSync("shared", join(it.project, ".vscode"));
  const result = await it.sh("rm .vscode; mkdir .vscode; echo x > .vscode/tasks.json");
  expect(result.violations).toHaveLength(1);
  expect(existsSync(join(it.project, ".vscode/tasks.json"))).toBe(false);
});

test("what a command planted without write permission is moved away, too", async () => {
  await using it = await openTestSandbox();
  await it.sh("mkdir -p .vscode/a .idea; echo x > .vscode/a/tasks.json; chmod 500 .vscode/a .vscode .idea .");
  expect(readdirSync(it.project)).toEqual([".git"]);
  execFileSync("chmod", ["-R", "u+rwx", it.home]); // or an ordinary user could not remove the test's directory
});

test("with the home as the project, absent secrets are not planted: programs obey some of them", async () => {
  await using it = await openTestSandbox({ projectIsHome: true });
  await it.sh("mkdir .ssh .aws; echo key > .ssh/authorized_keys; echo x > .aws/config");
  expect(readdirSync(it.home)).toEqual([".git", ".local"]);
});

test("with the home as the project, secrets and login files stay out of reach (LF-09, LF-14)", async () => {
  await using it = await openTestSandbox({ projectIsHome: true });
  for (const directory of [".ssh", ".docker", ".local/share/koda", ".local/bin"]) {
    mkdirSync(join(it.home, directory), { recursive: true });
  }
  for (const file of [".ssh/id_ed25519", ".docker/config.json", ".local/share/koda/koda.db", ".netrc", ".bashrc"]) {
    writeFileSync(join(it.home, file), "original");
  }
  const read = await it.sh("cat .ssh/* .docker/config.json .local/share/koda/* .netrc /proc/self/root$PWD/.netrc");
  expect(read.output).not.toContain("original");
  await it.sh(
    "for f in .bashrc .profile .gitconfig .local/bin/ls .ssh/authorized_keys; do echo x > $f; done; mv .local .l2; mv .docker .d2; rm -rf .ssh",
  );
  expect(readFileSync(join(it.home, ".bashrc"), "utf8")).toBe("original");
  expect(readFileSync(join(it.home, ".ssh/id_ed25519"), "utf8")).toBe("original");
  expect(readFileSync(join(it.home, ".docker/config.json"), "utf8")).toBe("original");
  for (const absent of [".profile", ".gitconfig", ".local/bin/ls", ".ssh/authorized_keys", ".l2", ".d2"]) {
    expect([absent, existsSync(join(it.home, absent))]).toEqual([absent, false]);
  }
});
