import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { openTestSandbox } from "./open-test-sandbox.ts";

test("what matches a denied pattern is denied from the next command on, whoever made it [LF-15]", async () => {
  await using it = await openTestSandbox({ policy: { readDenyPaths: ["**/.env*"] } });
  writeFileSync(join(it.project, ".env"), "made outside");
  await it.sh("mkdir sub; echo made inside > sub/.env.local; ls -d bare");
  expect((await it.sh("cat .env sub/.env.local")).output).toBe("");
  await it.sh("mv sub elsewhere; mv .env x; cp .env y; ln .env z; echo more >> .env");
  expect(readFileSync(join(it.project, ".env"), "utf8")).toBe("made outside");
  expect(readdirSync(it.project).filter((name) => ["elsewhere", "x", "z"].includes(name))).toEqual([]);
  expect((await it.sh("cat .env sub/.env.local y")).output).toBe("");
});

test("what a matching link leads to is denied by its own name, too [LF-14]", async () => {
  const prepare = ({ project }: { project: string }): void => {
    mkdirSync(join(project, "config"));
    writeFileSync(join(project, "config/production"), "secret");
    symlinkSync("config/production", join(project, ".env"));
  };
  await using it = await openTestSandbox({ prepare, policy: { readDenyPaths: ["**/.env*"] } });
  expect((await it.sh("cat .env config/production")).output).toBe("");
  await it.sh("ln -s config/production harmless; cat harmless > copy");
  expect(readFileSync(join(it.project, "copy"), "utf8")).toBe("");
});

test("a matching link that a command made to a program or to the project stops no later command", async () => {
  await using it = await openTestSandbox({ policy: { readDenyPaths: ["**/.env*"] } });
  await it.sh("ln -s / .env-a; ln -s /bin/bash .env-b; ln -s .. .env-c; ln -s . .env-d; ln -s .env-e .env-e");
  expect(await it.sh("echo still here")).toMatchObject({ exitCode: 0, output: "still here\n" });
});

test("a matching link that a command made to a directory that programs share, or to one that holds Node, hides it from no later command", async () => {
  await using it = await openTestSandbox({ policy: { readDenyPaths: ["**/.env*"] } });
  const before = (await it.sh("ls /etc /opt /var")).output;
  const links = [
    "/etc",
    "/opt",
    "/var",
    dirname(process.execPath),
    dirname(dirname(process.execPath)),
    process.execPath,
  ];
  await it.sh(links.map((target, index) => `ln -s ${target} .env-${index}`).join("; "));
  expect((await it.sh("ls /etc /opt /var")).output).toBe(before);
  expect(await it.sh(`${process.execPath} -p 1`)).toMatchObject({ exitCode: 0, output: "1\n" });
});

test("a matching link to a file that lies there denies the file", async () => {
  await using it = await openTestSandbox({ policy: { readDenyPaths: ["**/.env*"] } });
  expect((await it.sh("cat /etc/hostname")).output).not.toBe("");
  await it.sh("ln -s /etc/hostname .env-a");
  expect((await it.sh("cat /etc/hostname")).output).toBe("");
});

test("a path that is absent, denied or read-only by name, and made by a command is moved away [LF-04]", async () => {
  await using it = await openTestSandbox({ policy: { readDenyPaths: ["private/keys"], readOnlyPaths: ["ci.yml"] } });
  const { violations } = await it.sh("mkdir -p private/keys; echo x > ci.yml; echo x > fine");
  expect(violations.filter(({ kind }) => kind === "file")).toHaveLength(2);
  expect(readdirSync(it.project).sort()).toEqual([".git", "fine", "private"]);
});

test("read-only patterns hold for what exists when a command starts, also when it is moved along with its parent", async () => {
  await using it = await openTestSandbox({ policy: { readOnlyPaths: ["**/*.lock"] } });
  await it.sh("mkdir sub; echo one > sub/a.lock");
  await it.sh("echo two > sub/a.lock; rm -f sub/a.lock; mv sub other; rm -rf sub; mv -f sub/a.lock b");
  expect(readFileSync(join(it.project, "sub/a.lock"), "utf8")).toBe("one\n");
});

test("a pattern with more matches than can be mounted is refused, and no command runs half protected", async () => {
  await using it = await openTestSandbox({ policy: { readDenyPaths: ["many/*"] } });
  await it.sh("mkdir many; touch many/{1..300}; echo ran > first");
  const run = it.sh("echo ran > second");
  await expect(run).rejects.toMatchObject({ code: "bad_policy", message: expect.stringContaining('"many/*"') });
  expect(readdirSync(it.project)).not.toContain("second");
  rmSync(join(it.project, "many"), { recursive: true });
  expect(await it.sh("true")).toMatchObject({ exitCode: 0 });
});
