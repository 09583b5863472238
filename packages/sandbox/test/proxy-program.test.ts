import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect, type NetConnectOpts, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { echo, Host } from "./proxy/rig.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const program = join(import.meta.dirname, "programs/run-main.ts");

function start(
  args: readonly string[],
): ChildProcess & { stdout: NodeJS.ReadableStream; stderr: NodeJS.ReadableStream } {
  return spawn(process.execPath, [program, "proxy", ...args], { env: {}, stdio: ["ignore", "pipe", "pipe"] });
}

/** A running `koda-sandbox proxy` and its lines. */
async function startProxy(args: readonly string[]) {
  const child = start(args);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const errors = createInterface({ input: child.stderr })[Symbol.asyncIterator]();
  const exit = once(child, "exit");
  const announced = JSON.parse(String((await lines.next()).value));
  return {
    child,
    exit,
    announced,
    nextLine: async () => JSON.parse(String((await lines.next()).value)),
    nextError: async () => String((await errors.next()).value),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await exit;
    },
  };
}

/** The end of a program that does not start. */
async function failToStart(args: readonly string[]) {
  const child = start(args);
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { status, stdout, stderr };
}

/** An open tunnel and the status line that opened it. */
async function openTunnel(place: NetConnectOpts, authority: string): Promise<{ socket: Socket; answer: string }> {
  const socket = connect(place);
  socket.on("error", () => undefined);
  socket.write(`CONNECT ${authority} HTTP/1.1\r\n\r\n`);
  const [bytes] = await once(socket, "data");
  return { socket, answer: String(bytes).slice(9, 12) };
}

async function say(socket: Socket, word: string): Promise<string> {
  socket.write(word);
  return String((await once(socket, "data"))[0]);
}

describe("koda-sandbox proxy", () => {
  test("with --log - its first line says where it listens, every further one is an event", async () => {
    await using host = await Host.open(echo);
    const authority = `localhost:${host.port}`;
    await using proxy = await startProxy(["--http-port", "0", "--allow-private", authority, "--log", "-"]);
    const { http, ...others } = proxy.announced;
    expect([http, others]).toEqual([
      { host: "127.0.0.1", port: expect.any(Number), url: `http://127.0.0.1:${http.port}` },
      {},
    ]);
    const { socket } = await openTunnel({ port: http.port }, authority);
    expect(await proxy.nextLine()).toMatchObject({ kind: "open", host: "localhost", port: host.port });
    await openTunnel({ port: http.port }, "denied.test:443").then((denied) => denied.socket.destroy());
    expect(await proxy.nextLine()).toMatchObject({ kind: "refused", host: "denied.test" });
    socket.destroy();
    expect(await proxy.nextLine()).toMatchObject({ kind: "closed", host: "localhost" });
  });

  test("during the drain SIGHUP ends nothing, and a second SIGTERM ends what is open, on record", async () => {
    using directory = temporaryDirectory();
    await using host = await Host.open(echo);
    const [log, authority] = [join(directory.path, "log"), `localhost:${host.port}`];
    await using proxy = await startProxy(["--http-port", "0", "--allow-private", authority, "--log", log]);
    const { port } = proxy.announced.http;
    const { socket } = await openTunnel({ port }, authority);
    proxy.child.kill("SIGTERM");
    while (!(await isRefused(port))); // it has stopped to listen
    proxy.child.kill("SIGHUP");
    expect(await say(socket, "still here")).toBe("still here");
    proxy.child.kill("SIGTERM");
    expect(await proxy.exit).toEqual([0, null]);
    const kinds = readFileSync(log, "utf8").trimEnd().split("\n");
    expect(kinds.map((line) => JSON.parse(line).kind)).toEqual(["open", "closed"]);
  });

  test("a Unix socket serves its owner alone, says where it is, and is gone afterwards", async () => {
    using directory = temporaryDirectory();
    await using host = await Host.open(echo);
    const [path, authority] = [join(directory.path, "proxy"), `localhost:${host.port}`];
    await using proxy = await startProxy(["--listen", `unix:${path}`, "--allow-private", authority]);
    const place = (at: string) => ({ host: at, port: 0, url: `unix:${at}` });
    expect(proxy.announced).toEqual({ http: place(path), socks5: place(`${path}.socks5`) });
    const { socket, answer } = await openTunnel({ path }, authority);
    expect([answer, await say(socket, "hello")]).toEqual(["200", "hello"]);
    socket.destroy();
    proxy.child.kill("SIGINT");
    expect(await proxy.exit).toEqual([0, null]);
    expect([path, `${path}.socks5`].filter(existsSync)).toEqual([]);
  });

  test("rules that open more than their author may think are told of, at the start and at SIGHUP", async () => {
    using directory = temporaryDirectory();
    const rules = join(directory.path, "rules.json");
    writeFileSync(rules, JSON.stringify({ allow: ["**.example.com", "*.co.uk"] }));
    await using proxy = await startProxy(["--allow", "**.github.io", "--rules", rules]);
    expect(await proxy.nextError()).toMatch(/^koda-sandbox: warning: \*\*\.github\.io: anybody may have a name/);
    expect(await proxy.nextError()).toMatch(/^koda-sandbox: warning: \*\.co\.uk: /);
    writeFileSync(rules, JSON.stringify({ allowPrivate: ["0.0.0.0/1"] }));
    proxy.child.kill("SIGHUP");
    expect(await proxy.nextError()).toBe("koda-sandbox: rules read again");
    expect(await proxy.nextError()).toMatch(/^koda-sandbox: warning: \*\*\.github\.io: /);
    expect(await proxy.nextError()).toMatch(/^koda-sandbox: warning: 0\.0\.0\.0\/1: it covers 1\/2 of all IPv4/);
  });

  test.each([
    ["{", "is not JSON"],
    ["[]", "the top level: "],
    ['{"allow":"a.test"}', "allow: "],
    ['{"deny":["a.test",7]}', "deny.1: "],
    ['{"alow":[]}', '"alow"'],
    ['{"allow":["a.test"],"allowPrivate":["b.test","c d"]}', 'allowPrivate.1: bad host pattern "c d"'],
    ['{"allow":["*.com"]}', "allow.0: "],
  ])("with the rules file %j it does not start: exit 1 naming file and field", async (content, field) => {
    using directory = temporaryDirectory();
    const rules = join(directory.path, "rules.json");
    writeFileSync(rules, content);
    const { status, stdout, stderr } = await failToStart(["--rules", rules]);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^koda-sandbox: [^\n]*\n$/);
    expect(stderr).toContain(rules);
    expect(stderr).toContain(field);
  });

  test("a log that cannot be opened is exit 1 with the reason, before it listens", async () => {
    using directory = temporaryDirectory();
    const log = join(directory.path, "log");
    mkdirSync(log);
    const { status, stdout, stderr } = await failToStart(["--log", log]);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(new RegExp(`^koda-sandbox: cannot open the log ${log}: EISDIR.*\\n$`));
  });

  test("a log that cannot be written any more is told of once, and clients are served", async () => {
    await using host = await Host.open(echo);
    const authority = `localhost:${host.port}`;
    await using proxy = await startProxy(["--http-port", "0", "--allow-private", authority, "--log", "/dev/full"]);
    const { port } = proxy.announced.http;
    const first = await openTunnel({ port }, authority);
    expect(await proxy.nextError()).toMatch(/^koda-sandbox: the log ends here, .*\/dev\/full: .*ENOSPC/);
    const second = await openTunnel({ port }, authority);
    expect([await say(first.socket, "a"), await say(second.socket, "b")]).toEqual(["a", "b"]);
    for (const { socket } of [first, second]) socket.destroy();
    proxy.child.kill("SIGTERM");
    expect(await proxy.exit).toEqual([0, null]);
    expect(await proxy.nextError()).toBe("undefined");
  });
});

async function isRefused(port: number): Promise<boolean> {
  const socket = connect({ port });
  const [error] = await Promise.race([
    once(socket, "connect"),
    once(socket, "error").catch((thrown) => [thrown]),
  ]).catch((thrown: unknown) => [thrown]);
  socket.destroy();
  return error !== undefined;
}
