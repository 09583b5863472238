import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { ClientRegistry } from "../../src/proxy/client-registry.ts";
import { Listener } from "../../src/proxy/listener.ts";
import { RelayBuffers } from "../../src/proxy/relay-buffers.ts";
import { echo, eventually, Host, openSocks5Rig, RawClient } from "./rig.ts";

const greeting = Uint8Array.of(5, 1, 0);

function byName(name: string | Uint8Array, port: number, command = 1): Buffer {
  const bytes = Buffer.from(name);
  return Buffer.concat([Uint8Array.of(5, command, 0, 3, bytes.length), bytes, Uint8Array.of(port >> 8, port & 255)]);
}

function login(username: string, password: string): Buffer {
  return Buffer.concat([
    Uint8Array.of(1, username.length),
    Buffer.from(username),
    Uint8Array.of(password.length),
    Buffer.from(password),
  ]);
}

const reply = (code: number): number[] => [5, code, 0, 1, 0, 0, 0, 0, 0, 0];

test("a name, an IPv4 and an IPv6-mapped address are connected, and data flows", async () => {
  await using host = await Host.open(echo);
  const { port } = host;
  await using rig = await openSocks5Rig({ rules: { allowPrivate: [`a.test:${port}`, `127.0.0.1:${port}`] } });
  const tail = [port >> 8, port & 255];
  for (const request of [
    byName("A.Test.", port),
    Uint8Array.of(5, 1, 0, 1, 127, 0, 0, 1, ...tail),
    Uint8Array.of(5, 1, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127, 0, 0, 1, ...tail),
  ]) {
    using client = await RawClient.open(rig.proxy);
    client.send(greeting);
    expect(await client.bytes(2)).toEqual([5, 0]);
    client.send(request);
    expect(await client.bytes(10)).toEqual(reply(0));
    client.send("ping");
    expect(await client.until("ping")).toBe("ping");
  }
  expect(rig.resolved).toEqual(["a.test"]);
});

test("one byte in each packet, and everything in one packet with data behind it [SK-01] [SK-02] [SK-03]", async () => {
  await using host = await Host.open(echo);
  await using rig = await openSocks5Rig({ rules: { allowPrivate: [`a.test:${host.port}`] } });
  const all = Buffer.concat([greeting, byName("a.test", host.port), Buffer.from("EARLY")]);
  using slow = await RawClient.open(rig.proxy);
  await slow.sendSlowly(all);
  expect(await slow.bytes(12)).toEqual([5, 0, ...reply(0)]);
  expect(await slow.until("EARLY")).toBe("EARLY");
  using fast = await RawClient.open(rig.proxy);
  fast.send(all);
  expect(await fast.bytes(12)).toEqual([5, 0, ...reply(0)]);
  expect(await fast.until("EARLY")).toBe("EARLY");
});

test.each<[name: string, request: Uint8Array, code: number]>([
  ["a denied name", byName("blocked.test", 443), 2],
  ["a denied IPv4 address", Uint8Array.of(5, 1, 0, 1, 127, 0, 0, 1, 0, 80), 2],
  [
    "a denied IPv6 address",
    Uint8Array.of(5, 1, 0, 4, 0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 127, 0, 0, 1, 0, 80),
    2,
  ],
  ["an address written as a name", byName("2130706433", 80), 2],
  ["an address in brackets", byName("[::1]", 80), 2],
  ["BIND", byName("a.test", 443, 2), 7],
  ["UDP ASSOCIATE", Uint8Array.of(5, 3, 0, 1, 0, 0, 0, 0, 0, 0), 7],
  ["an unknown command", byName("a.test", 443, 255), 7],
  ["address type 0", Uint8Array.of(5, 1, 0, 0, 1, 2, 3), 8],
  ["address type 5", Uint8Array.of(5, 1, 0, 5, 1, 2, 3), 8],
  ["an empty name", byName("", 443), 1],
  ["255 letters", byName("a".repeat(255), 443), 1],
  ["a NUL in the name", byName("blocked.test\0.wild.test", 443), 1],
  ["a zone in the name", byName("::ffff:127.0.0.1%x.wild.test", 443), 1],
  ["a line break in the name", byName("a.wild.test\r\nX: y", 443), 1],
  ["a slash in the name", byName("a/.wild.test", 443), 1],
  ["a port in the name", byName("a.test:80", 443), 1],
  ["bytes that are no text", byName(Uint8Array.of(0xff, 0xfe), 443), 1],
  ["UTF-8", byName("bücher.wild.test", 443), 1],
  ["port 0", byName("a.test", 0), 1],
])(
  "%s gets its reply and the end, without a lookup [SK-06] [SK-07] [SK-08] [SK-10] [SK-11] [SK-12] [SK-13] [SK-14] [SK-15] [SK-17]",
  async (_name, request, code) => {
    await using rig = await openSocks5Rig({ rules: { allow: ["a.test", "*.wild.test"] } });
    using client = await RawClient.open(rig.proxy);
    // A second request behind the refused one must not be read as one (SK-15).
    client.send(Buffer.concat([greeting, request, byName("a.test", 443)]));
    expect(await client.bytes(12)).toEqual([5, 0, ...reply(code)]);
    client.socket.end();
    expect(await client.rest()).toBe("");
    expect(rig.resolved).toEqual([]);
    expect(rig.events).toMatchObject([{ kind: "refused", protocol: "socks5" }]);
  },
);

test.each<[name: string, code: number, resolve: () => Promise<readonly string[]>]>([
  ["a closed port", 5, async () => ["127.0.0.1"]],
  ["an unknown name", 4, () => Promise.reject(Object.assign(new Error("no"), { code: "ENOTFOUND" }))],
  ["a dial that takes too long", 6, () => new Promise(() => undefined)],
  ["a private address", 2, async () => ["10.0.0.1", "169.254.169.254"]],
])("after the dial, %s is reply %i [SK-09]", async (_name, code, resolveHost) => {
  const host = await Host.open(echo);
  const { port } = host;
  await host[Symbol.asyncDispose]();
  const rules = code === 2 ? { allow: [`a.test:${port}`] } : { allowPrivate: [`a.test:${port}`] };
  await using rig = await openSocks5Rig({ rules, resolveHost, limits: { dialTimeoutMs: 100 } });
  using client = await RawClient.open(rig.proxy);
  client.send(Buffer.concat([greeting, byName("a.test", port)]));
  expect(await client.bytes(12)).toEqual([5, 0, ...reply(code)]);
});

test.each([
  ["SOCKS 4", Uint8Array.of(4, 1, 0, 80, 127, 0, 0, 1, 0)],
  ["HTTP", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
])("%s is closed without a reply [SK-05]", async (_name, bytes) => {
  await using rig = await openSocks5Rig({});
  using client = await RawClient.open(rig.proxy);
  client.send(bytes);
  expect(await client.rest()).toBe("");
});

test.each([
  ["none", [], 255],
  ["GSSAPI only", [1], 255],
  ["password only, which nobody reads", [2], 255],
  ["no authentication among many", [1, 3, 9, 2, 0], 0],
])("methods offered: %s [SK-04]", async (_name, methods, chosen) => {
  await using rig = await openSocks5Rig({});
  using client = await RawClient.open(rig.proxy);
  client.send(Uint8Array.from([5, methods.length, ...methods]));
  expect(await client.bytes(2)).toEqual([5, chosen]);
  if (chosen === 255) expect(await client.rest()).toBe("");
});

test("a handshake that is not done in time is closed; a tunnel outlives that time [AV-03]", async () => {
  await using host = await Host.open(echo);
  const limits = { handshakeTimeoutMs: 150 };
  await using rig = await openSocks5Rig({ rules: { allowPrivate: [`a.test:${host.port}`] }, limits });
  using silent = await RawClient.open(rig.proxy);
  using open = await RawClient.open(rig.proxy);
  open.send(Buffer.concat([greeting, byName("a.test", host.port)]));
  await open.bytes(12);
  expect(await silent.rest()).toBe("");
  await new Promise((resolve) => setTimeout(resolve, 200));
  open.send("alive");
  expect(await open.until("alive")).toBe("alive");
});

test("half-close: an answer after the client's end arrives [SK-18]", async () => {
  await using host = await Host.open((socket) => {
    socket.resume().on("end", () => socket.end("late answer"));
  });
  await using rig = await openSocks5Rig({ rules: { allowPrivate: [`a.test:${host.port}`] } });
  using client = await RawClient.open(rig.proxy);
  client.socket.end(Buffer.concat([greeting, byName("a.test", host.port), Buffer.from("question")]));
  await client.bytes(12);
  expect(await client.rest()).toBe("late answer");
  await eventually(() => rig.events.length === 2);
  expect(rig.events[1]).toMatchObject({ kind: "closed", bytesUp: 8, bytesDown: 11 });
});

test("credentials name the client; wrong ones end the session, and none are refused where they are required [SK-16] [HP-29]", async () => {
  await using host = await Host.open(echo);
  const clients = new ClientRegistry();
  const { username, password } = clients.issue("call-7");
  const rules = { allowPrivate: [`a.test:${host.port}`] };
  await using rig = await openSocks5Rig({ rules, clients, authentication: "required" });
  const withPassword = Uint8Array.of(5, 2, 0, 2);

  using right = await RawClient.open(rig.proxy);
  right.send(Buffer.concat([withPassword, login(username, password), byName("a.test", host.port)]));
  expect(await right.bytes(14)).toEqual([5, 2, 1, 0, ...reply(0)]);
  expect(rig.events[0]).toMatchObject({ kind: "open", clientId: "call-7" });

  for (const [name, word] of [
    [username, "wrong"],
    ["", ""],
    ["nobody", password],
  ] as const) {
    using wrong = await RawClient.open(rig.proxy);
    wrong.send(Buffer.concat([withPassword, login(name, word)]));
    expect(await wrong.bytes(4)).toEqual([5, 2, 1, 1]);
    expect(await wrong.rest()).toBe("");
  }
  using none = await RawClient.open(rig.proxy);
  none.send(greeting);
  expect(await none.bytes(2)).toEqual([5, 255]);

  clients.revoke("call-7");
  using revoked = await RawClient.open(rig.proxy);
  revoked.send(Buffer.concat([withPassword, login(username, password)]));
  expect(await revoked.bytes(4)).toEqual([5, 2, 1, 1]);
  expect(JSON.stringify(rig.events)).not.toContain(password);
});

test("a listener handed over is used and closed", async () => {
  await using host = await Host.open(echo);
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const rig = await openSocks5Rig({ rules: { allowPrivate: [`a.test:${host.port}`] }, server });
  expect({ address: rig.proxy.host, port: rig.proxy.port }).toMatchObject({
    address: "127.0.0.1",
    port: typeof address === "object" ? address?.port : 0,
  });
  using client = await RawClient.open(rig.proxy);
  client.send(Buffer.concat([greeting, byName("a.test", host.port)]));
  expect(await client.bytes(12)).toEqual([5, 0, ...reply(0)]);
  await rig[Symbol.asyncDispose]();
  expect(server.listening).toBe(false);
  await expect(RawClient.open(rig.proxy)).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("a port that is taken is listen_failed with its cause, and aborting disposes", async () => {
  await using rig = await openSocks5Rig({});
  await expect(openSocks5Rig({ port: rig.proxy.port })).rejects.toMatchObject({
    code: "listen_failed",
    cause: { code: "EADDRINUSE" },
  });
  const controller = new AbortController();
  const other = await openSocks5Rig({ signal: controller.signal });
  controller.abort();
  await expect(RawClient.open(other.proxy)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await other[Symbol.asyncDispose]();
  await expect(openSocks5Rig({ signal: AbortSignal.abort(new Error("before")) })).rejects.toThrow("before");
});

test("a client that ends while the host is dialled has ended for the host too", async () => {
  await using host = await Host.open((socket) => socket.resume().on("end", () => socket.end("late")));
  const dialled = Promise.withResolvers<readonly string[]>();
  const rules = { allowPrivate: [`a.test:${host.port}`] };
  await using rig = await openSocks5Rig({ rules, resolveHost: () => dialled.promise });
  using client = await RawClient.open(rig.proxy);
  client.socket.end(Buffer.concat([greeting, byName("a.test", host.port)]));
  await eventually(() => rig.resolved.length === 1);
  await sleep(20);
  dialled.resolve(["127.0.0.1"]);
  expect(await client.rest()).toContain("late");
  await eventually(() => rig.events.at(-1)?.kind === "closed");
});

test("a listener on every address takes for itself only addresses of this machine", async () => {
  const service = { serve: () => undefined, stop: () => undefined };
  const options = { host: "0.0.0.0", maxConnections: 1, buffers: new RelayBuffers() };
  await using listener = await Listener.open(options, service);
  const { port } = listener;
  const own = ["0.0.0.0", "127.0.0.1", "127.0.0.2", "::1"].map((address) => listener.isSelf(address, port));
  expect(own).toEqual([true, true, true, true]);
  expect(listener.isSelf("203.0.113.7", port)).toBe(false);
  expect(listener.isSelf("127.0.0.1", port - 1)).toBe(false);
});
