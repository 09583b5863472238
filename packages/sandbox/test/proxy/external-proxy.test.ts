import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ExternalProxy, type ExternalProxyOptions } from "../../src/proxy/external-proxy.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { eventually, Host } from "./rig.ts";

/** A program in a line of JavaScript; `listen` makes it answer every connection with the line given. */
function program(script: string): Pick<ExternalProxyOptions, "argv" | "environment" | "protocol"> {
  const listen = `const listen = (line) => require("net").createServer((socket) => socket.on("error", () => {}).end(line))
    .listen(Number(process.env.KODA_PROXY_PORT), "127.0.0.1");`;
  return { argv: [process.execPath, "--eval", `${listen}${script}`], environment: {}, protocol: "http" };
}

async function readFrom(port: number): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  const [bytes] = await once(socket, "data");
  return String(bytes);
}

/** A zombie that nobody collects is not alive; where there is no /proc, somebody always does. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !(existsSync("/proc/self/stat") && /^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8")));
  } catch {
    return false;
  }
}

async function failure(options: ExternalProxyOptions): Promise<unknown> {
  return await ExternalProxy.open(options).then(
    async (proxy) => proxy[Symbol.asyncDispose](),
    (error: unknown) => error,
  );
}

test("the program listens on the port it is given, with the environment it is given, until it is disposed", async () => {
  const options = {
    ...program("listen(JSON.stringify(process.env))"),
    environment: { GREETING: "hi", NOT: undefined },
  };
  const proxy = await ExternalProxy.open(options);
  expect(JSON.parse(await readFrom(proxy.port))).toMatchObject({ GREETING: "hi", KODA_PROXY_PORT: String(proxy.port) });
  expect(proxy.url).toBe(`http://127.0.0.1:${proxy.port}`);
  expect(proxy.exit).toBeNull();
  await Promise.all([proxy[Symbol.asyncDispose](), proxy[Symbol.asyncDispose]()]);
  expect(await proxy.exited).toEqual({ exitCode: null, signal: "SIGTERM", stderr: "" });
  await expect(readFrom(proxy.port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("a port of the user's choice is used", async () => {
  const gone = await Host.open(() => undefined);
  const { port } = gone;
  await gone[Symbol.asyncDispose]();
  await using proxy = await ExternalProxy.open({ ...program('listen("x")'), port, protocol: "socks5" });
  expect([proxy.port, proxy.url]).toEqual([port, `socks5h://127.0.0.1:${port}`]);
});

test("it counts nothing, tells nothing, and has no rules that could be set", async () => {
  await using proxy = await ExternalProxy.open(program('listen("x")'));
  const end = proxy.subscribe();
  await readFrom(proxy.port);
  expect(proxy.recentEvents()).toEqual([]);
  expect(proxy.stats()).toEqual({ active: 0, opened: 0, refused: 0, failed: 0, bytesUp: 0, bytesDown: 0 });
  end();
  expect("setRules" in proxy).toBe(false);
});

test.each<[name: string, options: ExternalProxyOptions, message: RegExp]>([
  [
    "that ends",
    program('console.error("no such\\u001b[31m setting"); process.exitCode = 3'),
    /^the proxy program .* did not start: it ended with status 3; it said: no such\?\[31m setting$/,
  ],
  ["that is killed", program('process.kill(process.pid, "SIGKILL")'), /did not start: it was ended by SIGKILL$/],
  [
    "that does not listen",
    { ...program('console.error("still thinking"); setInterval(() => {}, 1000)'), startTimeoutMs: 1_000 },
    /did not start: it did not listen on 127\.0\.0\.1:\d+ within 1000 ms; it said: still thinking$/,
  ],
  [
    "that does not exist",
    { argv: ["/nonexistent/proxy"], environment: {}, protocol: "http" },
    /^the proxy program \/nonexistent\/proxy did not start: it could not be started; it said: .*ENOENT/,
  ],
  ["that no system can start", { argv: ["a\0b"], environment: {}, protocol: "http" }, /could not be started/],
])("a program %s is an error with the end of what it said", async (_name, options, message) => {
  expect(await failure(options)).toMatchObject({
    code: "external_proxy_failed",
    message: expect.stringMatching(message),
  });
});

test("a port that somebody has is an error, and nobody is taken for the program", async () => {
  await using host = await Host.open(() => undefined);
  expect(await failure({ ...program('listen("x")'), port: host.port })).toMatchObject({
    code: "external_proxy_failed",
    message: expect.stringContaining("EADDRINUSE"),
  });
});

test("a program that ends later is told of by the handle", async () => {
  const script = `require("net").createServer((socket) => {
    socket.on("error", () => {}).once("data", () => { console.error("bye"); process.exit(4); });
  }).listen(Number(process.env.KODA_PROXY_PORT), "127.0.0.1")`;
  await using proxy = await ExternalProxy.open(program(script));
  const socket = connect(proxy.port, "127.0.0.1").on("error", () => undefined);
  socket.write("end");
  expect(await proxy.exited).toEqual({ exitCode: 4, signal: null, stderr: "bye" });
  expect(proxy.exit).toMatchObject({ exitCode: 4 });
  socket.destroy();
});

test("a program that does not heed SIGTERM is killed, with every process of its group", async () => {
  using directory = temporaryDirectory();
  const file = join(directory.path, "pids");
  const child = `const child = require("child_process").spawn(process.execPath, ["--eval", "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"], { stdio: "ignore" });`;
  const script = `process.on("SIGTERM", () => {}); ${child} require("fs").writeFileSync(${JSON.stringify(file)}, process.pid + " " + child.pid); listen("x");`;
  const proxy = await ExternalProxy.open({ ...program(script), graceMs: 100 });
  const pids = readFileSync(file, "utf8").split(" ").map(Number);
  expect(pids.map(isAlive)).toEqual([true, true]);
  await proxy[Symbol.asyncDispose]();
  expect(proxy.exit).toMatchObject({ signal: "SIGKILL" });
  await eventually(() => !pids.some(isAlive));
});

test("what a program leaves behind in its group ends with it", async () => {
  using directory = temporaryDirectory();
  const file = join(directory.path, "pid");
  const script = `const child = require("child_process").spawn(process.execPath, ["--eval", "setInterval(() => {}, 1000)"], { stdio: ["ignore", "ignore", "inherit"] }); require("fs").writeFileSync(${JSON.stringify(file)}, String(child.pid)); process.exit(5)`;
  expect(await failure(program(script))).toMatchObject({ code: "external_proxy_failed" });
  await eventually(() => !isAlive(Number(readFileSync(file, "utf8"))));
});

test("an abort ends the program, while it starts and later", async () => {
  const early = new AbortController();
  const starting = ExternalProxy.open({ ...program("setInterval(() => {}, 1000)"), signal: early.signal });
  setTimeout(() => early.abort(new Error("enough")), 200);
  await expect(starting).rejects.toThrow("enough");
  await expect(ExternalProxy.open({ ...program(""), signal: early.signal })).rejects.toThrow("enough");
  const late = new AbortController();
  const proxy = await ExternalProxy.open({ ...program('listen("x")'), signal: late.signal });
  late.abort();
  expect(await proxy.exited).toMatchObject({ signal: "SIGTERM" });
});
