import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { askPort, openServer } from "./port-rig.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const program = fileURLToPath(new URL("./programs/run-main.ts", import.meta.url));

function start(args: readonly string[], cwd: string) {
  const argv = ["--conditions=@koda/source", program, "run", ...args];
  return spawn(process.execPath, argv, { cwd, stdio: ["ignore", "pipe", "pipe"] });
}

async function run(args: readonly string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  using project = temporaryDirectory();
  const child = start(args, project.path);
  const [[status], stdout, stderr] = await Promise.all([once(child, "close"), text(child.stdout), text(child.stderr)]);
  return { status, stdout, stderr };
}

test("run --host-port opens each named port, and --json tells the connections", async () => {
  await using one = await openServer((socket) => socket.end("one\n"));
  await using two = await openServer((socket) => socket.end("two\n"));
  const flags = ["--host-port", `${one.port}`, "--host-port", `${two.port}:5432`, "--json"];
  const script = `cat < /dev/tcp/127.0.0.1/${one.port}; cat < /dev/tcp/127.0.0.1/5432`;
  const { status, stdout, stderr } = await run([...flags, "--", "bash", "-c", script]);
  expect({ status, stdout }).toEqual({ status: 0, stdout: "one\ntwo\n" });
  const { connections } = JSON.parse(stderr.trimEnd().split("\n").at(-1) ?? "");
  const open = connections.filter(({ kind }: { kind: string }) => kind === "open");
  expect(open).toMatchObject([
    { protocol: "host-port", port: one.port, clientId: "run" },
    { protocol: "host-port", port: two.port, clientId: "run" },
  ]);
});

test("run --publish lets this machine in while the command runs, and says which port it took for 0", async () => {
  using project = temporaryDirectory();
  const script = `require("node:net").createServer((socket) => { socket.end("inside"); process.exitCode = 3; setTimeout(() => process.exit(), 50) })
    .listen(3000, () => console.log("up"))`;
  const child = start(["--publish", "0:3000", "--", process.execPath, "-e", script], project.path);
  const closed = once(child, "close");
  let said = "";
  child.stderr.on("data", (bytes) => {
    said += bytes;
  });
  const listening = once(child.stdout, "data");
  const line = /^koda-sandbox: 127\.0\.0\.1:(\d+) leads to port 3000 of the sandbox\n/m;
  while (!line.test(said)) await once(child.stderr, "data");
  await listening;
  const port = Number(line.exec(said)?.[1]);
  expect(await askPort(port, "")).toBe("inside");
  expect((await closed)[0]).toBe(3);
});

test("run runs nothing when a named port cannot be opened, and says why: status 125", async () => {
  await using taken = await openServer((socket) => socket.end());
  expect(await run(["--publish", `${taken.port}`, "--", "echo", "ran"])).toEqual({
    status: 125,
    stdout: "",
    stderr: `koda-sandbox: port ${taken.port} of this machine is taken; name another on that side, as HOST:SANDBOX\n`,
  });
});

test.each([
  [["--host-port", "db"], 'not a port, or two as HOST:SANDBOX: "db"'],
  [["--publish", "127.0.0.1:80:80"], "HOST:SANDBOX"],
  [["--host-port", "0"], "from 1 to 65535, not 0"],
])("run %j is a usage error that names what is wrong", async (flags, message) => {
  const wrong = await run([...flags, "--", "echo", "ran"]);
  expect(wrong).toMatchObject({ status: 2, stdout: "" });
  expect(wrong.stderr).toContain(message);
});
