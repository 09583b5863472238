import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { ClientRegistry } from "../../src/proxy/client-registry.ts";
import { openTunnel, protocols, readAnswer, tunnelRequest } from "./ask-tunnel.ts";
import { echo, eventually, Host, openHttpRig, openSocks5Rig, RawClient } from "./rig.ts";

const openRig = { http: openHttpRig, socks5: openSocks5Rig } as const;
const hello = Uint8Array.of(22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3);

/** Beginnings that any number of letters continue. */
const drips = {
  http: ["", "CONNECT a.test:443 HTTP/1.1\r\nX: ", "CONNECT a.test", "GET http://a.test/", "GET / HTTP/1.1\r\nX: "],
  socks5: ["", "\x05", "\x05\xff", "\x05\x01\x00\x05\x01\x00\x03\xffabc"],
} as const;

test.each(protocols)(
  "%s: clients that drip their request for ever are dropped, and keep nobody waiting [AV-03]",
  async (protocol) => {
    await using host = await Host.open(echo);
    const limits = { handshakeTimeoutMs: 300 };
    await using rig = await openRig[protocol]({ rules: { allowPrivate: [`a.test:${host.port}`] }, limits });
    const slow = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const client = await RawClient.open(rig.proxy);
        const begin: string = drips[protocol][index % drips[protocol].length] ?? "";
        if (begin !== "") client.send(Buffer.from(begin, "latin1"));
        // A letter again and again: bytes that come are no reason to wait longer.
        const timer = setInterval(() => begin !== "" && client.socket.writable && client.send("x"), 20);
        client.socket.on("close", () => clearInterval(timer));
        return client;
      }),
    );
    using normal = await openTunnel(rig.proxy, "a.test", host.port);
    normal.send("served");
    expect(await normal.until("served")).toBe("served");
    for (const client of slow) {
      const said = await client.rest();
      if (protocol === "http") expect(said).toMatch(/^HTTP\/1\.1 408 /);
      client.socket.destroy();
    }
    normal.send(" still");
    expect(await normal.until(" still")).toBe(" still");
    expect(host.sockets).toHaveLength(1);
  },
);

test.each(protocols)(
  "%s: a hello that drips in a tunnel is dropped in time, and reaches no host [AV-03]",
  async (protocol) => {
    await using host = await Host.open(echo);
    const limits = { handshakeTimeoutMs: 200 };
    await using rig = await openRig[protocol]({ rules: { allowPrivate: [`a.test:${host.port}`] }, limits });
    using client = await openTunnel(rig.proxy, "a.test", host.port);
    client.send(hello);
    const timer = setInterval(() => client.socket.writable && client.send("x"), 20);
    client.socket.on("close", () => clearInterval(timer));
    await client.rest();
    clearInterval(timer);
    client.socket.destroy();
    await eventually(() => rig.proxy.stats().active === 0);
    expect(host.sockets[0]?.bytesRead).toBe(0);
    expect(rig.events.at(-1)).toMatchObject({ kind: "closed", reason: "the client did not finish its TLS hello" });
  },
);

test.each(protocols)(
  "%s: an open tunnel in which nothing happens outlives every handshake limit [AV-03]",
  async (protocol) => {
    await using host = await Host.open(echo);
    const limits = { handshakeTimeoutMs: 50, dialTimeoutMs: 50, keepAliveTimeoutMs: 50 };
    await using rig = await openRig[protocol]({ rules: { allowPrivate: [`a.test:${host.port}`] }, limits });
    using client = await openTunnel(rig.proxy, "a.test", host.port);
    await sleep(400);
    client.send("awake");
    expect(await client.until("awake")).toBe("awake");
  },
);

test.each(protocols)(
  "%s: dials that hang keep no other waiting, end in time, and end when their client leaves [AV-09]",
  async (protocol) => {
    await using host = await Host.open(echo);
    const hanging: AbortSignal[] = [];
    const resolveHost = (name: string, signal: AbortSignal): Promise<readonly string[]> => {
      if (name === "a.test") return Promise.resolve(["127.0.0.1"]);
      hanging.push(signal);
      return new Promise(() => undefined);
    };
    const rules = { allowPrivate: [`a.test:${host.port}`, "*.hangs.test:9"] };
    await using rig = await openRig[protocol]({ rules, resolveHost, limits: { dialTimeoutMs: 400 } });
    const clients = await Promise.all(
      Array.from({ length: 100 }, async (_, index) =>
        (await RawClient.open(rig.proxy)).send(tunnelRequest(protocol, `n${index}.hangs.test`, 9)),
      ),
    );
    await eventually(() => hanging.length === 100);
    using normal = await openTunnel(rig.proxy, "a.test", host.port);
    normal.send("served");
    expect(await normal.until("served")).toBe("served");
    const [leaving, ...staying] = clients;
    leaving?.socket.resetAndDestroy();
    for (const client of staying) {
      const { code } = await readAnswer(client, protocol);
      expect(code).toBe(protocol === "http" ? 504 : 6);
      client[Symbol.dispose]();
    }
    expect(hanging.filter(({ aborted }) => !aborted)).toEqual([]);
    expect(rig.proxy.stats()).toMatchObject({ failed: 100, active: 1 });
  },
);

const login = (username: string, password: string): Record<"http" | "socks5", Buffer> => ({
  http: Buffer.from(`Proxy-Authorization: Basic ${Buffer.from(`${username}:${password}`).toString("base64")}\r\n`),
  socks5: Buffer.concat([
    Buffer.of(5, 1, 2, 1, username.length, ...Buffer.from(username)),
    Buffer.of(password.length, ...Buffer.from(password)),
  ]),
});

test.each(protocols)(
  "%s: a client at its cap is refused one more connection, and no other client notices [AV-02]",
  async (protocol) => {
    await using host = await Host.open(echo);
    const clients = new ClientRegistry();
    const rules = { allowPrivate: [`a.test:${host.port}`] };
    const limits = { maxConnectionsPerClient: 5 };
    await using rig = await openRig[protocol]({ rules, clients, limits, authentication: "required" });
    await using stack = new AsyncDisposableStack();
    const ask = async (id: string): Promise<{ client: RawClient; code: number }> => {
      const { username, password } = clients.issue(id);
      const shown = login(username, password)[protocol];
      const request = tunnelRequest(protocol, "a.test", host.port);
      const client = stack.use(await RawClient.open(rig.proxy));
      if (protocol === "http") {
        client.send(Buffer.concat([request.subarray(0, -2), shown, Buffer.from("\r\n")]));
        return { client, code: (await client.response()).status };
      }
      client.send(Buffer.concat([shown, request.subarray(3)]));
      return { client, code: (await client.bytes(14))[5] ?? -1 };
    };
    const [granted, tooMany] = protocol === "http" ? [200, 503] : [0, 1];
    const open = [];
    for (let index = 0; index < 5; index += 1) open.push(await ask("greedy"));
    expect(open.map(({ code }) => code)).toEqual(Array(5).fill(granted));
    expect((await ask("greedy")).code).toBe(tooMany);
    expect((await ask("modest")).code).toBe(granted);
    open[0]?.client.socket.resetAndDestroy();
    await eventually(() => rig.proxy.stats().active === 5);
    expect((await ask("greedy")).code).toBe(granted);
  },
);

test.each(protocols)(
  "%s: beyond the cap of a listener a client is closed at once; those within it are served [AV-02]",
  async (protocol) => {
    await using host = await Host.open(echo);
    const rules = { allowPrivate: [`a.test:${host.port}`] };
    await using rig = await openRig[protocol]({ rules, limits: { maxConnections: 3 } });
    await using stack = new AsyncDisposableStack();
    const open = [];
    for (let index = 0; index < 3; index += 1) open.push(stack.use(await openTunnel(rig.proxy, "a.test", host.port)));
    for (let index = 0; index < 50; index += 1) {
      using refused = await RawClient.open(rig.proxy);
      expect(await refused.rest()).toBe("");
    }
    for (const client of open) expect(await client.send("here").until("here")).toBe("here");
    open[0]?.socket.destroy();
    await eventually(() => rig.proxy.stats().active === 2);
    using next = await openTunnel(rig.proxy, "a.test", host.port);
    expect(await next.send("next").until("next")).toBe("next");
  },
);

test.each([
  ["a head of 1 MiB", `GET http://a.test/ HTTP/1.1\r\nX: ${"x".repeat(1_048_576)}\r\n\r\n`, 431],
  ["20,000 fields", `GET http://a.test/ HTTP/1.1\r\n${"X: y\r\n".repeat(20_000)}\r\n`, 431],
  ["a target of 256 KiB", `GET http://a.test/${"x".repeat(262_144)} HTTP/1.1\r\n\r\n`, 431],
  ["a CONNECT target of 256 KiB", `CONNECT ${"x".repeat(262_144)}:443 HTTP/1.1\r\n\r\n`, 431],
])("%s is refused with a status, whatever else follows [AV-04]", async (_name, bytes, status) => {
  await using rig = await openHttpRig({ rules: { allow: ["a.test"] } });
  using client = await RawClient.open(rig.proxy);
  client.send(bytes);
  expect((await client.response()).status).toBe(status);
  await client.rest();
  expect(rig.resolved).toEqual([]);
});

test("a flood of chunk extensions is cut off, and its request is no more than one [AV-04]", async () => {
  await using host = await Host.open((socket) => socket.resume());
  await using rig = await openHttpRig({ rules: { allowPrivate: [`a.test:${host.port}`] } });
  using client = await RawClient.open(rig.proxy);
  client.send(`POST http://a.test:${host.port}/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n`);
  client.send(`1;${"x".repeat(100_000)}\r\na\r\n`);
  expect(await client.rest()).toMatch(/^(HTTP\/1\.1 413 |$)/);
  await eventually(() => rig.proxy.stats().active === 0);
  expect(host.sockets.length).toBeLessThanOrEqual(1);
});
