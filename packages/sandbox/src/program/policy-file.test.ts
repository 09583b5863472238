import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../../test/temporary-directory.ts";
import { SandboxError } from "../errors.ts";
import { createPolicy } from "../policy/policy.ts";
import { readPolicyFile } from "./policy-file.ts";

test("relative paths are relative to the file, whatever its directory is called; patterns of any depth are not", async () => {
  using place = temporaryDirectory("koda [x]{y} \\z-");
  const path = join(place.path, "policy.json");
  const readDenyPaths = ["secrets", "./*.pem", "../up", "~/.config/foo", "/abs/x", "**/.env*"];
  writeFileSync(path, JSON.stringify({ readDenyPaths, writePaths: ["out"], isReadOnly: true }));
  using project = temporaryDirectory();
  const policy = createPolicy({ ...(await readPolicyFile(path)), projectRoot: project.path, home: "/home/ada" });
  expect(policy.writePaths).toEqual([project.path, join(place.path, "out")]);
  expect(policy.readDenyPaths).toEqual(
    expect.arrayContaining([join(place.path, "secrets"), join(place.path, "../up"), "/home/ada/.config/foo", "/abs/x"]),
  );
  expect(policy.readDenyGlobs).toMatchObject([
    { base: place.path, pattern: "*.pem" },
    { base: project.path, pattern: "**/.env*" },
    { base: join(place.path, "out"), pattern: "**/.env*" },
  ]);
  expect(policy.isReadOnly).toBe(true);
});

test.each([
  ["{", /is no JSON/],
  ["[]", /the top level/],
  ['{"writepaths":[]}', /the top level: .*"writepaths"/],
  ['{"writePaths":"x"}', /writePaths: .*expected array/],
  ['{"readDenyPaths":["a",1]}', /readDenyPaths\.1: .*expected string/],
  ['{"hosts":{"permit":[]}}', /hosts: .*"permit"/],
  ['{"hosts":{"allow":["**"]}}', /hosts: bad host pattern/],
  ['{"limits":{"processes":0}}', /limits: limit processes: found 0, wanted a positive whole number or null/],
  ['{"limits":{"memory":1}}', /limits: .*"memory"/],
  ['{"isReadOnly":"yes"}', /isReadOnly: .*expected boolean/],
])("%s is refused, naming file and field", async (text, message) => {
  using place = temporaryDirectory();
  const path = join(place.path, "policy.json");
  writeFileSync(path, text);
  const error = await readPolicyFile(path).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SandboxError);
  expect(error).toMatchObject({ code: "bad_policy", message: expect.stringMatching(message) });
  expect(String(error)).toContain(path);
});

test("the README's policy file is one", async () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  using place = temporaryDirectory();
  const path = join(place.path, "policy.json");
  writeFileSync(path, /```json\n(.*?)```/s.exec(readme)?.[1] ?? "");
  const policy = createPolicy({ ...(await readPolicyFile(path)), projectRoot: place.path, home: "/home/ada" });
  expect(policy.limits).toMatchObject({ memoryBytes: 4 * 1024 ** 3, cpus: 2 });
  expect(policy.hosts.deny).toEqual(["gist.github.com"]);
});

test("a byte order mark at the beginning is passed over", async () => {
  using place = temporaryDirectory();
  const path = join(place.path, "policy.json");
  writeFileSync(path, '\uFEFF{"isReadOnly":true}');
  expect(await readPolicyFile(path)).toMatchObject({ isReadOnly: true });
});

test("a file that is not there is refused", async () => {
  await expect(readPolicyFile("/nowhere/policy.json")).rejects.toMatchObject({ code: "bad_policy" });
});
