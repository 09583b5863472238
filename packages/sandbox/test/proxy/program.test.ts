import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { echo, Host } from "./rig.ts";

const program = pathToFileURL(join(import.meta.dirname, "../../src/program/main.ts")).href;
const nodeArgs = [
  "--input-type=module",
  "--eval",
  `import { main } from ${JSON.stringify(program)}; await main(process.argv.slice(1));`,
  "--",
  "proxy",
];

/** `koda-sandbox proxy` as a process of its own, with the line it printed when it listened. */
async function startProxy(args: readonly string[]): Promise<
  AsyncDisposable & {
    child: ChildProcess;
    ports: { http: number; socks5: number };
    lines: AsyncIterator<string>;
    errors: AsyncIterator<string>;
  }
> {
  const child = spawn(process.execPath, [...nodeArgs, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const errors = createInterface({ input: child.stderr })[Symbol.asyncIterator]();
  const { value } = await lines.next();
  const { http, socks5 } = JSON.parse(String(value));
  return {
    child,
    ports: { http: http.port, socks5: socks5.port },
    lines,
    errors,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

async function ask(port: number, authority: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(`CONNECT ${authority} HTTP/1.1\r\n\r\n`);
  const [bytes] = await once(socket, "data");
  socket.destroy();
  return String(bytes).slice(9, 12);
}

test("it serves by its rules, logs, reads the rules again on SIGHUP, and drains on SIGTERM", async () => {
  await using host = await Host.open(echo);
  const directory = await mkdtemp(join(tmpdir(), "koda-proxy-"));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(directory, { recursive: true }));
  const [rules, log] = [join(directory, "rules.json"), join(directory, "log")];
  const authority = `localhost:${host.port}`;
  await writeFile(rules, "{}");
  const proxy = stack.use(await startProxy(["--no-default-allowlist", "--rules", rules, "--log", log]));

  expect(await ask(proxy.ports.http, authority)).toBe("403");
  await writeFile(rules, JSON.stringify({ allowPrivate: [authority] }));
  proxy.child.kill("SIGHUP");
  expect((await proxy.errors.next()).value).toBe("koda-sandbox: rules read again");
  expect(await ask(proxy.ports.http, authority)).toBe("200");
  await writeFile(rules, JSON.stringify({ allowPrivat: [] }));
  proxy.child.kill("SIGHUP");
  expect((await proxy.errors.next()).value).toContain("rules unchanged");
  expect(await ask(proxy.ports.http, authority)).toBe("200");

  const open = connect(proxy.ports.http, "127.0.0.1");
  open.write(`CONNECT ${authority} HTTP/1.1\r\n\r\n`);
  await once(open, "data");
  proxy.child.kill("SIGTERM");
  open.end("last words");
  expect(String((await once(open, "data"))[0])).toBe("last words");
  expect(await once(proxy.child, "exit")).toEqual([0, null]);

  const events = (await readFile(log, "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const kinds = events.map(({ kind }) => kind);
  expect(kinds[0]).toBe("refused");
  expect(kinds.filter((kind) => kind === "open")).toHaveLength(3);
  expect(kinds.filter((kind) => kind === "closed")).toHaveLength(3);
});

test.each([
  [["--listen", "0.0.0.0"], 2, "--auth is needed"],
  [["--rules", "/nonexistent/rules.json"], 1, "cannot read the rules file"],
  [["--allow", "*.com"], 1, '"*.com"'],
])("%j does not start: exit %i", async (args, code, text) => {
  const failed = promisify(execFile)(process.execPath, [...nodeArgs, ...args]);
  await expect(failed).rejects.toMatchObject({ code, stderr: expect.stringContaining(text), stdout: "" });
});

test("a port that is taken is exit 1 with the reason", async () => {
  await using host = await Host.open(echo);
  const failed = promisify(execFile)(process.execPath, [...nodeArgs, "--socks-port", String(host.port)]);
  await expect(failed).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining("EADDRINUSE") });
});
