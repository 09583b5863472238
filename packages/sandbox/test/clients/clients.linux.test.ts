import { afterAll, beforeAll, expect, test } from "vitest";
import { fetching } from "./checks/fetching.ts";
import { git, gitOverSsh } from "./checks/git.ts";
import { npmPackages } from "./checks/npm-packages.ts";
import { packages } from "./checks/packages.ts";
import { python } from "./checks/python.ts";
import { type ClientCheck, explainFailure } from "./client-check.ts";
import { ClientRig } from "./client-rig.ts";
import { SshOrigin } from "./ssh-origin.ts";

let ssh: SshOrigin;
let rig: ClientRig;
beforeAll(async () => {
  ssh = await SshOrigin.open();
  rig = await ClientRig.open([ssh.port]);
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
  await ssh[Symbol.asyncDispose]();
});

test.each([...fetching, ...git, ...npmPackages, ...python, ...packages])(
  "$name reaches an allowed host and is refused a denied one, recorded under its call",
  async (check) => {
    expect(explainFailure(check, await rig.run(check))).toBeNull();
  },
);

test("a client that is not installed fails its test by name, with what to type", async () => {
  const check: ClientCheck = { name: "gopher", programs: ["gopher-client"], script: () => "gopher-client" };
  await expect(rig.run(check)).rejects.toThrow(/^gopher: not installed: gopher-client; "npm test" .* what to type$/);
});

test("git over ssh reaches an allowed host and is refused a denied one, recorded under its call", async () => {
  const check = gitOverSsh(ssh);
  const outcome = await rig.run(check);
  expect(explainFailure(check, outcome)).toBeNull();
  expect(outcome.denied.output).toContain(`To allow it: koda allow denied.test:${ssh.port}`);
});

test("git over ssh works the same where only the environment confines", async () => {
  await using plain = await ClientRig.open([ssh.port], "env-only");
  const check = gitOverSsh(ssh);
  expect(explainFailure(check, await plain.run(check))).toBeNull();
});

test("a configured ssh command does not take git past the proxy", async () => {
  const check = gitOverSsh(ssh);
  const script: ClientCheck["script"] = (site) =>
    check.script(site).replace("git clone", "git -c core.sshCommand=ssh clone");
  expect(explainFailure(check, await rig.run({ ...check, script }))).toBeNull();
});

test.each([
  ["whose key is not known", { hostKey: "" }, "Host key verification failed"],
  ["that shows another key than the known one", { hostKey: otherKey() }, "Host key verification failed"],
])("git over ssh refuses a host %s, and asks nobody", async (_, { hostKey }, complaint) => {
  const { allowed } = await rig.run(gitOverSsh({ port: ssh.port, userKey: ssh.userKey, hostKey }));
  expect(allowed.exitCode).not.toBe(0);
  expect(allowed.output).toContain(complaint);
});

function otherKey(): string {
  const key = Buffer.concat([
    Buffer.from([0, 0, 0, 11]),
    Buffer.from("ssh-ed25519"),
    Buffer.from([0, 0, 0, 32]),
    Buffer.alloc(32, 7),
  ]);
  return `ssh-ed25519 ${key.toString("base64")}`;
}
