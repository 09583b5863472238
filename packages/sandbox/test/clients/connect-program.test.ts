import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { createFilter } from "../../src/filter/filter.ts";
import { BuiltInProxy } from "../../src/proxy/built-in-proxy.ts";
import { BuiltInSocks5Proxy } from "../../src/proxy/built-in-socks5-proxy.ts";
import { ClientRegistry } from "../../src/proxy/client-registry.ts";
import { proxyEnv } from "../../src/proxy/proxy-env.ts";
import type { ConnectionEvent } from "../../src/proxy/proxy-handle.ts";
import { echo, Host } from "../proxy/rig.ts";
import { openHttpUpstream } from "../proxy/upstream/corporate-proxies.ts";
import { createCertificate } from "../proxy/upstream/test-certificate.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

const program = join(import.meta.dirname, "../../src/program/connect-main.ts");

/** One of the proxies with one client, and its environment for it. */
async function openProxy(kind: "SOCKS5" | "HTTP", allowPrivate: readonly string[]) {
  const clients = new ClientRegistry();
  const resolveHost = async (): Promise<readonly string[]> => ["127.0.0.1"];
  const filter = createFilter({ allowPrivate });
  const options = { authentication: "required", filter, clients, resolveHost } as const;
  const proxy = await (kind === "HTTP" ? BuiltInProxy.open(options) : BuiltInSocks5Proxy.open(options));
  const events: ConnectionEvent[] = [];
  proxy.subscribe((event) => events.push(event));
  const credentials = clients.issue("call-1");
  const env = proxyEnv({ http: null, socks5: null, [kind.toLowerCase()]: proxy, credentials });
  return { events, env, [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose]() };
}

function start(args: readonly string[], env: Record<string, string>, before: readonly string[] = []) {
  const [command = "", ...rest] = [...before, process.execPath, program, ...args];
  const child = spawn(command, rest, { env: { PATH: process.env["PATH"], ...env } });
  child.stdin.on("error", () => undefined); // it may leave before it has read everything
  return { child, errors: text(child.stderr), exit: once(child, "exit").then(([status]) => status as number) };
}

const kinds = ["SOCKS5", "HTTP"] as const;

test.each(kinds)("through %s, 8 MiB and their end pass both ways, recorded as the client's own", async (kind) => {
  await using host = await Host.open(echo);
  await using it = await openProxy(kind, [`allowed.test:${host.port}`]);
  const bytes = randomBytes(8 << 20);
  const { child, exit, errors } = start(["allowed.test", `${host.port}`], it.env);
  child.stdin.end(bytes);
  expect(digest(await buffer(child.stdout))).toBe(digest(bytes));
  expect([await exit, await errors]).toEqual([0, ""]);
  expect(it.events[0]).toMatchObject({ kind: "open", clientId: "call-1", host: "allowed.test" });
});

test.each(kinds)("through %s, the host's end is passed on while the client still sends", async (kind) => {
  const heard = Promise.withResolvers<string>();
  await using host = await Host.open((socket) => {
    socket.end("SSH-2.0-x\r\n");
    text(socket).then(heard.resolve, heard.reject);
  });
  await using it = await openProxy(kind, [`allowed.test:${host.port}`]);
  const { child, exit } = start(["allowed.test", `${host.port}`], it.env, ["bash", "-c", intoPipe, "bash"]);
  expect(await text(child.stdout)).toBe("SSH-2.0-x\r\n");
  child.stdin.end("still here");
  expect(await heard.promise).toBe("still here");
  expect(await exit).toBe(0);
});

test.each(kinds)(
  "through %s, a refused host is told in one line that says who refused and how to allow it",
  async (kind) => {
    await using it = await openProxy(kind, []);
    const { exit, errors } = start(["denied.test", "2222"], it.env);
    expect(await exit).toBe(1);
    expect(await errors).toMatch(
      /^koda-sandbox: no connection to denied\.test port 2222: the proxy.*koda allow denied\.test:2222.*\n$/,
    );
    expect(it.events).toMatchObject([{ kind: "refused", clientId: "call-1", host: "denied.test" }]);
  },
);

test.each(kinds)("through %s, credentials that nobody has are refused, and stay unsaid", async (kind) => {
  await using it = await openProxy(kind, []);
  const env = Object.fromEntries(
    Object.entries(it.env).map(([name, value]) => [name, value.replace("call-1:", "call-1:x")]),
  );
  const { exit, errors } = start(["a.test", "22"], env);
  expect(await exit).toBe(1);
  expect(await errors).toMatch(/the proxy (?:refused these credentials|answered 407)/);
  expect(await errors).not.toContain("call-1");
});

test.each([
  ["HTTP/1.1 403 Forbidden\r\nContent-Length: 13\r\n\r\nno \x1b[2J\nuse x", "the proxy answered 403: no ?[2J use x"],
  ["HTTP/1.1 403 Forbidden\r\nContent-Length: 99999\r\n\r\nno", "the proxy answered 403"],
  ["HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\ncut", "the proxy answered 403"],
  ["HTTP/1.1 200 OK\nX: y\n\n", "the proxy ended the connection without an answer to it"],
  ["SSH-2.0-x\r\n", "the proxy ended the connection without an answer to it"],
  ["", "the proxy ended the connection without an answer to it"],
])("an answer of %j is told in one printable line", async (answer, reason) => {
  await using proxy = await Host.open((socket) => void socket.once("data", () => socket.end(answer)));
  const { exit, errors } = start(["a.test", "22"], { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` });
  expect(await exit).toBe(1);
  expect(await errors).toBe(`koda-sandbox: no connection to a.test port 22: ${reason}\n`);
});

test("a proxy that is itself reached through TLS serves it, if its certificate is good", async () => {
  using directory = temporaryDirectory();
  const tls = createCertificate("localhost");
  const authority = join(directory.path, "ca.pem");
  writeFileSync(authority, tls.cert);
  await using host = await Host.open(echo);
  await using corporate = await openHttpUpstream({ tls });
  const env = { HTTPS_PROXY: `https://localhost:${corporate.port}` };
  const trusting = start(["a.test", `${host.port}`], { ...env, NODE_EXTRA_CA_CERTS: authority });
  trusting.child.stdin.write("hello");
  const [answer] = await once(trusting.child.stdout, "data");
  trusting.child.stdin.end(); // not before: TLS of Node's knows no half-closed connection
  expect([String(answer), await trusting.exit]).toEqual(["hello", 0]);
  const doubting = start(["a.test", `${host.port}`], env);
  expect(await doubting.exit).toBe(1);
  expect(await doubting.errors).toContain("TLS to the proxy failed (DEPTH_ZERO_SELF_SIGNED_CERT)");
});

test("a reader that stops stops the host, and loses nothing when it goes on", async () => {
  const bytes = randomBytes(64 << 20);
  await using host = await Host.open((socket) => void socket.end(bytes));
  await using it = await openProxy("SOCKS5", [`allowed.test:${host.port}`]);
  const { child, exit } = start(["allowed.test", `${host.port}`], it.env);
  await once(child.stdout, "readable");
  const sent = (): number => host.sockets.reduce((sum, socket) => sum + socket.bytesWritten - socket.writableLength, 0);
  const seen = [-1, sent()];
  while (seen.at(-1) !== seen.at(-2)) {
    await sleep(200);
    seen.push(sent());
  }
  expect(seen.at(-1)).toBeLessThan(bytes.length / 2);
  expect(digest(await buffer(child.stdout))).toBe(digest(bytes));
  child.stdin.end();
  expect(await exit).toBe(0);
});

test("it leaves when its reader does", async () => {
  const gone = Promise.withResolvers<void>();
  await using host = await Host.open((socket) => {
    const timer = setInterval(() => socket.write("more"), 5);
    socket.once("close", () => {
      clearInterval(timer);
      gone.resolve();
    });
  });
  await using it = await openProxy("SOCKS5", [`allowed.test:${host.port}`]);
  const { child, exit, errors } = start(["allowed.test", `${host.port}`], it.env);
  await once(child.stdout, "data");
  child.stdout.destroy();
  expect([await exit, await errors]).toEqual([0, ""]);
  await gone.promise;
});

test.each([
  [{}, "neither ALL_PROXY nor HTTPS_PROXY names a proxy"],
  [{ ALL_PROXY: "ftp://u:secret@h" }, 'ALL_PROXY: the scheme "ftp" is not supported'],
  [{ ALL_PROXY: "socks5h://u:secret@127.0.0.1:1" }, "the proxy cannot be reached (ECONNREFUSED)"],
])("with the environment %j it fails and says why, without the password", async (env, why) => {
  const { exit, errors } = start(["a.test", "22"], env);
  expect(await exit).toBe(1);
  expect(await errors).toContain(why);
  expect(await errors).not.toContain("secret");
});

test.each([
  [[]],
  [["a.test"]],
  [["a.test", "0"]],
  [["a.test", "65536"]],
  [["a.test", "22", "x"]],
  [["a\r\nb", "22"]],
  [["-h", "22"]],
])("%j is a wrong use", async (args) => {
  const { exit, errors } = start(args, {});
  expect(await exit).toBe(2);
  expect(await errors).toMatch(/^(?:koda-sandbox: not a .*\n)?koda-sandbox connect HOST PORT\n/);
});

/** ssh reads from a pipe, which tells of an end only when it is closed everywhere; Node's own children write into a socket. */
const intoPipe = 'exec 4<&0; "$@" <&4 4<&- | cat 4<&- & exec >&-; wait';

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
