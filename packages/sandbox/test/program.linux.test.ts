import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { temporaryDirectory } from "./temporary-directory.ts";

const program = fileURLToPath(new URL("./programs/run-main.ts", import.meta.url));

function start(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = process.env): ChildProcess {
  return spawn(process.execPath, ["--conditions=@koda/source", program, ...args], { cwd, env });
}

async function finish(child: ChildProcess): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const { stdout, stderr } = child;
  const [[status], out, error] = await Promise.all([
    once(child, "close"),
    stdout && text(stdout),
    stderr && text(stderr),
  ]);
  return { status, stdout: out ?? "", stderr: error ?? "" };
}

test("run passes on output and exit status, and says which host was refused", async () => {
  using project = temporaryDirectory();
  const run = await finish(
    start(["run", "--", "sh", "-c", "echo hi; curl -s https://unlisted.test; exit 7"], project.path),
  );
  expect(run).toMatchObject({ status: 7, stdout: "hi\n" });
  expect(run.stderr).toContain("unlisted.test:443 was refused");
});

test("run warns of an allowed pattern below which anybody may have a name, and runs", async () => {
  using project = temporaryDirectory();
  const run = await finish(start(["run", "--allow", "*.co.uk", "--", "true"], project.path));
  expect(run.status).toBe(0);
  expect(run.stderr).toMatch(/^koda-sandbox: warning: \*\.co\.uk: anybody may have a name below co\.uk.*\n$/);
});

test("run --json ends with one JSON line on stderr", async () => {
  using project = temporaryDirectory();
  const run = await finish(start(["run", "--json", "--no-default-allowlist", "--", "true"], project.path));
  expect(JSON.parse(run.stderr)).toMatchObject({ exitCode: 0, connections: [] });
});

test("run says which protected path appeared and where it is now", async () => {
  using place = temporaryDirectory();
  const project = join(place.path, "project");
  mkdirSync(project);
  const run = await finish(start(["run", "--", "sh", "-c", "echo x > .envrc"], project));
  const to = /\.envrc" is protected .* moved to "(.*)"$/m.exec(run.stderr)?.[1] ?? "";
  expect(dirname(to)).toBe(join(process.env["KODA_HOME"] ?? "", "quarantine"));
  expect(readFileSync(to, "utf8")).toBe("x\n");
  const json = await finish(start(["run", "--json", "--", "sh", "-c", "echo x > .envrc"], project));
  expect(JSON.parse(json.stderr)).toMatchObject({ undone: [expect.stringContaining(".envrc")] });
  const look = await finish(start(["run", "--", "ls", "-A", dirname(to)], project));
  expect(look.stdout).toBe("");
});

test("run refuses, with status 125 and what to type, where the kernel cannot confine", async () => {
  using project = temporaryDirectory();
  const run = await finish(start(["run", "--", "true"], project.path, { ...process.env, PATH: "/nowhere" }));
  expect(run.status).toBe(125);
  expect(run.stderr).toContain("bwrap is not on the PATH");
});

test.each([[["run"]], [["run", "--bogus", "--", "true"]], [["nonsense"]], [[]]])(
  "%j is a wrong use: status 2",
  async (args) => {
    expect((await finish(start(args, "/"))).status).toBe(2);
  },
);

test("a signal is forwarded to the command", async () => {
  using project = temporaryDirectory();
  const child = start(
    ["run", "--", "bash", "-c", "trap 'echo caught; exit 9' TERM; echo ready; sleep 60 & wait"],
    project.path,
  );
  child.stdout?.once("data", () => child.kill("SIGTERM"));
  expect(await finish(child)).toMatchObject({ status: 9, stdout: "ready\ncaught\n" });
});

test("Ctrl-C in a terminal reaches the command, and its exit status comes back", async () => {
  using project = temporaryDirectory();
  const script = "trap 'echo caught; exit 9' INT; echo ready; sleep 60 & wait";
  const child = spawn(
    process.execPath,
    ["--conditions=@koda/source", program, "run", "--", "bash", "--norc", "-c", script],
    {
      cwd: project.path,
      detached: true, // a process group, as the terminal's foreground
    },
  );
  child.stdout.once("data", () => process.kill(-(child.pid ?? Number.NaN), "SIGINT"));
  expect(await finish(child)).toMatchObject({ status: 9, stdout: "ready\ncaught\n" });
});

test("kill -9 of the program takes every confined process along", async () => {
  using project = temporaryDirectory();
  const marker = `koda-orphan-${process.pid}`;
  const child = start(
    ["run", "--", "bash", "-c", `setsid bash -c 'exec -a ${marker} sleep 60' & echo ready; wait`],
    project.path,
  );
  if (child.stdout !== null) await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "close");
  for (let tries = 0; isRunning(marker) && tries < 200; tries++) await delay(10);
  expect(isRunning(marker)).toBe(false);
});

function isRunning(name: string): boolean {
  return readdirSync("/proc").some((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith(`${name}\0`);
    } catch {
      return false; // ended meanwhile
    }
  });
}
