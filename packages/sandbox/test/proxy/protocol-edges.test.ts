import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { text as readText } from "node:stream/consumers";
import { expect, test } from "vitest";
import { OwnListeners } from "../../src/proxy/own-listeners.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { askProxy } from "./ask-proxy.ts";
import { Host, openHttpRig, openSocks5Rig, RawClient } from "./rig.ts";

test.each([
  ...["a.test:80abc", "a.test:+80", "a.test:80.0", "a.test:0x50", "a.test:80:80", "a.test:1:b.test:2"],
  ...["a.test:65616", "a.test:-80", "a.test", "a.test:", "a.test:0", "a.test@b.test:80", "a.test:80@b.test:80", ":80"],
])("CONNECT %s is a 400 and nobody is asked for a name [HP-04] [HP-05] [HP-06]", async (authority) => {
  await using rig = await openHttpRig({ rules: { allow: ["a.test:*", "b.test:*"] } });
  for (const field of ["", "Connection: keep-alive\r\n"]) {
    using client = await RawClient.open(rig.proxy); // without the field the head is read without the parser
    client.send(`CONNECT ${authority} HTTP/1.1\r\n${field}\r\n`);
    expect((await client.response()).status).toBe(400);
  }
  expect(rig.resolved).toEqual([]);
});

test.each(["Chunked", "CHUNKED", "chunked"])("a body that is %s arrives decoded [HP-14]", async (coding) => {
  const server = createServer(async (request, response) => {
    const body = await readText(request);
    response.writeHead(200, { "Content-Length": body.length }).end(body);
  });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => void server.close().closeAllConnections());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const origin = `a.test:${typeof address === "object" ? address?.port : 0}`;
  const rig = stack.use(await openHttpRig({ rules: { allowPrivate: [origin] } }));
  using client = await RawClient.open(rig.proxy);
  client.send(`POST http://${origin}/ HTTP/1.1\r\nTransfer-Encoding: ${coding}\r\n\r\n4\r\nbody\r\n0\r\n\r\n`);
  expect(await client.response()).toMatchObject({ status: 200, body: "body" });
});

test("a line break in a host's own field is not relayed, and none in a path becomes one [HP-16]", async () => {
  let read = "";
  await using host = await Host.open((socket) => {
    socket.on("data", (chunk) => {
      read += chunk;
      socket.write("HTTP/1.1 200 OK\r\nX: a\rInjected: 1\r\nContent-Length: 0\r\n\r\n");
    });
  });
  await using rig = await openHttpRig({ rules: { allowPrivate: [`a.test:${host.port}`] } });
  using client = await RawClient.open(rig.proxy);
  client.send(`GET http://a.test:${host.port}/%0d%0aX:%20y HTTP/1.1\r\n\r\n`);
  const { status, head } = await client.response();
  expect([status, head.includes("Injected")]).toEqual([502, false]);
  expect(read.split("\r\n")[0]).toBe("GET /%0d%0aX:%20y HTTP/1.1");
});

test.each(["b\x1b[31m.test", "b\u202e.test", "b\x07\x08.test", "b\x9b2J.test"])(
  "no record and no answer holds the bytes of %j: one line of printable ASCII [HP-16] [HP-32]",
  async (name) => {
    await using http = await openHttpRig({});
    await using socks5 = await openSocks5Rig({});
    using client = await RawClient.open(http.proxy);
    client.send(Buffer.from(`GET http://${name}/ HTTP/1.1\r\n\r\n`));
    expect(await client.rest()).toMatch(/^HTTP\/1\.1 400 [\r\n -~]*$/);
    await askProxy(socks5.proxy, name, 443);
    const events = [...http.events, ...socks5.events];
    expect(events.length).toBeGreaterThan(0);
    for (const { host, reason } of events) expect(host + reason).toMatch(/^[ -~]*$/);
  },
);

test("a proxy listens on loopback, or on a Unix socket that only this user may open [HP-30] [AV-17]", async () => {
  using directory = temporaryDirectory();
  for (const openRig of [openHttpRig, openSocks5Rig]) {
    await using onAddress = await openRig({});
    expect(onAddress.proxy.host).toBe("127.0.0.1");
    const path = join(directory.path, "proxy");
    {
      await using onSocket = await openRig({ path });
      expect(onSocket.proxy).toMatchObject({ host: path, port: 0 });
      expect(lstatSync(path).mode & 0o777).toBe(0o600);
    }
    expect(existsSync(path)).toBe(false);
  }
});

test("proxies that share their listeners do not connect to each other, whatever the rules [HP-28]", async () => {
  const ownListeners = new OwnListeners();
  await using http = await openHttpRig({ ownListeners, rules: { allowPrivate: ["127.0.0.1:*"] } });
  await using socks5 = await openSocks5Rig({ ownListeners });
  using client = await RawClient.open(http.proxy);
  client.send(`CONNECT 127.0.0.1:${socks5.proxy.port} HTTP/1.1\r\n\r\n`);
  expect((await client.response()).status).toBe(403);
  await socks5.proxy[Symbol.asyncDispose]();
  client.send(`CONNECT 127.0.0.1:${socks5.proxy.port} HTTP/1.1\r\n\r\n`);
  expect((await client.response()).status).toBe(502); // nobody listens there any more
});

test("a Unix socket that a killed listener left is replaced; one that is listened on is not [AV-17]", async () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, "proxy");
  const killed = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  spawnSync(process.execPath, ["-e", killed]);
  expect(lstatSync(path).isSocket()).toBe(true);
  await using rig = await openHttpRig({ path });
  await expect(openSocks5Rig({ path })).rejects.toMatchObject({ code: "listen_failed" });
  using client = await RawClient.open(rig.proxy);
  client.send("CONNECT b.test:443 HTTP/1.1\r\n\r\n");
  expect((await client.response()).status).toBe(403);
});

test("a file or a link at the path of a Unix socket is an error, and stays [AV-17]", async () => {
  using directory = temporaryDirectory();
  const [file, link] = [join(directory.path, "file"), join(directory.path, "link")];
  writeFileSync(file, "mine");
  symlinkSync(join(directory.path, "elsewhere"), link);
  for (const path of [file, link, join(directory.path, "x".repeat(120))]) {
    await expect(openHttpRig({ path })).rejects.toMatchObject({ code: "listen_failed" });
  }
  expect(lstatSync(file).isFile() && lstatSync(link).isSymbolicLink()).toBe(true);
  expect(existsSync(join(directory.path, "elsewhere"))).toBe(false);
});

test.each([4, 0, 1, 255])("a SOCKS request of version %i ends the session without a dial [SK-05]", async (version) => {
  await using rig = await openSocks5Rig({ rules: { allow: ["a.test"] } });
  using client = await RawClient.open(rig.proxy);
  client.send(Buffer.of(5, 1, 0, version, 1, 0, 3, 6, ...Buffer.from("a.test"), 1, 187));
  expect(await client.rest()).toBe("\x05\x00");
  expect(rig.resolved).toEqual([]);
});

const names = [
  ...["a.test", "A.TEST", "a.test.", "b.test", "x.w.test", "x.y.w.test", "w.test", "x.d.w.test", "deep.x.d.w.test"],
  ...["192.0.2.1", "192.0.2.9", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0", "[::1]", "[2001:db8::1]"],
  ...["[::ffff:192.0.2.1]", "[64:ff9b::7f00:1]", "localhost", "x.localhost", "metadata.google.internal", "a", "test"],
  ...["xn--bcher-kva.test", "a_b.test", "-a.test", "a..test", "a.test.evil"],
];

test.each(names)("%s has one verdict, and one record, whichever protocol asks [SK-19]", async (name) => {
  const rules = {
    allow: ["a.test", "**.w.test", "192.0.2.0/24", "xn--bcher-kva.test", "[2001:db8::1]"],
    deny: ["**.d.w.test", "192.0.2.9"],
  };
  const resolveHost = async (): Promise<string[]> => [];
  await using http = await openHttpRig({ rules, resolveHost, limits: { dialTimeoutMs: 50 } });
  await using socks5 = await openSocks5Rig({ rules, resolveHost, limits: { dialTimeoutMs: 50 } });
  expect(await askProxy(http.proxy, name, 443)).toBe(await askProxy(socks5.proxy, name, 443));
  const records = [http, socks5].map(({ events }) => events.map(({ kind, rule }) => ({ kind, rule })));
  expect(records[0]).toEqual(records[1]);
});
