import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import packageJson from "../package.json" with { type: "json" };
import { temporaryDirectory } from "./temporary-directory.ts";

const PROGRAM = [
  process.execPath,
  "--conditions=@koda/source",
  fileURLToPath(new URL("./programs/run-main.ts", import.meta.url)),
];

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function koda(args: readonly string[], cwd: string): Promise<Outcome> {
  const [node = "", ...first] = PROGRAM;
  const child = spawn(node, [...first, ...args], { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const [[status], stdout, stderr] = await Promise.all([once(child, "close"), text(child.stdout), text(child.stderr)]);
  return { status, stdout, stderr };
}

test("--policy and the other options add up: more to write, more to deny, more hosts, and the file's limits", async () => {
  using place = temporaryDirectory();
  for (const name of ["project", "granted", "flagged", "conf"]) mkdirSync(join(place.path, name));
  for (const name of ["a.pem", ".env", "c"]) writeFileSync(join(place.path, "project", name), "secret\n");
  const policy = { writePaths: ["../granted"], readDenyPaths: ["**/*.pem"], limits: { openFiles: 99 } };
  writeFileSync(join(place.path, "conf/policy.json"), JSON.stringify(policy));
  const script = "cat a.pem .env c; ulimit -n; touch ../granted/x ../flagged/x ../conf/x";
  const flags = ["--policy", "../conf/policy.json", "--write", "../flagged/", "--read-deny", "**/.env"];
  const { stdout } = await koda(["run", ...flags, "--", "bash", "-c", script], join(place.path, "project"));
  expect(stdout).toBe("secret\n99\n");
  const made = ["granted/x", "flagged/x", "conf/x"].map((name) => existsSync(join(place.path, name)));
  expect(made).toEqual([true, true, false]);
});

test("hosts that a policy file denies stay denied, whatever an option allows", async () => {
  using project = temporaryDirectory();
  writeFileSync(join(project.path, "policy.json"), JSON.stringify({ hosts: { deny: ["a.test"] } }));
  const flags = ["--policy", "policy.json", "--allow", "a.test", "--no-default-allowlist", "--json"];
  const run = await koda(["run", ...flags, "--", "curl", "-s", "https://a.test"], project.path);
  expect(JSON.parse(run.stderr).connections).toMatchObject([{ kind: "refused", host: "a.test", rule: "a.test" }]);
});

test.each([
  [[], (stderr: string) => stderr.trimEnd().split("\n")],
  [["--json"], (stderr: string) => JSON.parse(stderr).undone],
])("a limit of time that ended the command is told, with the options %j", async (flags, parse) => {
  using project = temporaryDirectory();
  writeFileSync(join(project.path, "policy.json"), JSON.stringify({ limits: { wallMs: 500 } }));
  const run = await koda(["run", "--policy", "policy.json", ...flags, "--", "sleep", "60"], project.path);
  expect(run.status).toBeGreaterThan(128);
  expect(parse(run.stderr).map((line: string) => line.replace("koda-sandbox: ", ""))).toEqual([
    "it was ended after its 500 ms: the limit wallMs",
  ]);
});

test("a read-only policy file makes the project read-only", async () => {
  using project = temporaryDirectory();
  writeFileSync(join(project.path, "policy.json"), JSON.stringify({ isReadOnly: true }));
  await koda(["run", "--policy", "policy.json", "--", "touch", "x"], project.path);
  expect(existsSync(join(project.path, "x"))).toBe(false);
});

test("with a bad policy file nothing is run, and the reason is told", async () => {
  using project = temporaryDirectory();
  writeFileSync(join(project.path, "policy.json"), '{"writepaths":[]}');
  const run = await koda(["run", "--policy", "policy.json", "--", "touch", "x"], project.path);
  expect(run).toMatchObject({ status: 125, stdout: "", stderr: expect.stringContaining('"writepaths"') });
  expect(existsSync(join(project.path, "x"))).toBe(false);
});

test.each([
  ["no-such-program", 127, "not found inside the sandbox"],
  ["./absent", 127, "not found inside the sandbox"],
  ["", 127, "not found inside the sandbox"],
  ["../hidden", 127, "not found inside the sandbox"],
  ["./text", 126, "no program that can be executed"],
  ["./script", 126, "no program that can be executed"],
  [".", 126, "no program that can be executed"],
])("to start %j ends with status %i and says why", async (program, status, message) => {
  using place = temporaryDirectory();
  const project = join(place.path, "project");
  mkdirSync(project);
  writeFileSync(join(place.path, "hidden"), "#!/bin/sh\n", { mode: 0o755 });
  writeFileSync(join(project, "text"), "text");
  writeFileSync(join(project, "script"), "#!/no/such/interpreter\n", { mode: 0o755 });
  const run = await koda(["run", "--", program], project);
  expect(run).toMatchObject({ status, stdout: "", stderr: expect.stringContaining(message) });
  const json = await koda(["run", "--json", "--", program], project);
  expect(JSON.parse(json.stderr.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({ exitCode: status });
});

test("statuses of the command that say the same are its own, and pass", async () => {
  using project = temporaryDirectory();
  for (const status of [1, 125, 126, 127]) {
    expect(await koda(["run", "--", "sh", "-c", `exit ${status}`], project.path)).toMatchObject({ status, stderr: "" });
  }
});

test.each([
  ["--allow", "a b"],
  ["--upstream", "nonsense"],
  ["--write", "/tmp"],
])("with %s %j nothing is run: status 125", async (flag, value) => {
  using project = temporaryDirectory();
  expect(await koda(["run", flag, value, "--", "echo", "ran"], project.path)).toMatchObject({
    status: 125,
    stdout: "",
  });
});

test("a command on a terminal has that terminal, its size, and its Ctrl-C; the exit status comes back", async () => {
  using project = temporaryDirectory();
  const inner =
    "trap 'echo caught; exit 9' INT; test -t 0 -a -t 1 -a -t 2 && stty size; tty; echo ready; sleep 60 & wait";
  writeFileSync(join(project.path, "inner.sh"), inner);
  const command = [...PROGRAM, "run", "--", "bash", "inner.sh"].map((part) => `'${part}'`).join(" ");
  // script(1) gives a pseudo-terminal and writes what is typed to it.
  const outer = `stty rows 33 cols 77; ${command}; echo status $?`;
  const child = spawn("script", ["-qec", outer, "/dev/null"], {
    cwd: project.path,
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, SHELL: "/bin/bash" }, // others end with their command at Ctrl-C
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    const wasReady = output.includes("ready");
    output += chunk;
    if (!wasReady && output.includes("ready")) child.stdin.write("\x03");
    if (output.includes("status")) child.stdin.end();
  });
  await once(child, "close");
  expect(output.replaceAll("\r", "").replace("^C", "")).toBe("33 77\n/dev/console\nready\ncaught\nstatus 9\n");
});

test("--version prints the version", async () => {
  expect(await koda(["--version"], "/")).toMatchObject({ status: 0, stdout: `${packageJson.version}\n` });
});

test("options after the command are the command's own", async () => {
  using project = temporaryDirectory();
  const run = await koda(["run", "bash", "-c", 'echo "$@" > out', "--", "--write", "x", "--version"], project.path);
  expect(run.status).toBe(0);
  expect(readFileSync(join(project.path, "out"), "utf8")).toBe("--write x --version\n");
});
