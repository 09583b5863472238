import { once } from "node:events";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openTunnel, protocols } from "./ask-tunnel.ts";
import { echo, eventually, Host, openHttpRig, openSocks5Rig, RawClient } from "./rig.ts";

/** Cases of each kind. So many take some seconds; 20,000 make a run of a quarter of an hour, with a higher test timeout. */
const runs = 150;

const anyHttp = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc
    .array(
      fc.oneof(
        fc.constantFrom(
          "CONNECT ",
          "GET ",
          "POST ",
          "http://",
          "b.test",
          ":443",
          "127.0.0.1",
          "[::1]",
          " HTTP/1.1",
          "\r\n",
          "\n",
          "\0",
        ),
        fc.constantFrom(
          "Host: ",
          "Content-Length: 5",
          "Transfer-Encoding: chunked",
          "Connection: Upgrade",
          "Upgrade: x",
          "0\r\n\r\n",
        ),
        fc.string({ maxLength: 6 }),
      ),
      { maxLength: 14 },
    )
    .map((parts) => Buffer.from(parts.join(""), "latin1")),
);

const anySocks = fc
  .tuple(
    fc.constantFrom([5, 1, 0], [5, 2, 0, 2], [4, 1], [5]),
    fc.constantFrom([5, 1, 0, 1], [5, 1, 0, 3], [5, 1, 0, 4], []),
    fc.uint8Array({ maxLength: 60 }),
  )
  .map(([greeting, request, rest]) => Uint8Array.from([...greeting, ...request, ...rest]));

test("whatever a client sends, no byte reaches a host that is not allowed, nothing leaks, and the next client is served [HP-26]", async () => {
  await using host = await Host.open(echo);
  const rules = { allowPrivate: [`a.test:${host.port}`] };
  await using http = await openHttpRig({ rules });
  await using socks5 = await openSocks5Rig({ rules });
  const attack = async (proxy: typeof http.proxy | typeof socks5.proxy, bytes: Uint8Array): Promise<void> => {
    using client = await RawClient.open(proxy);
    client.socket.end(bytes);
    await new Promise((resolve) => setTimeout(resolve, 2));
    client.socket.destroy();
    if (!client.socket.closed) await once(client.socket, "close");
  };
  await fc.assert(
    fc.asyncProperty(anyHttp, (bytes) => attack(http.proxy, bytes)),
    { numRuns: runs },
  );
  await fc.assert(
    fc.asyncProperty(anySocks, (bytes) => attack(socks5.proxy, bytes)),
    { numRuns: runs },
  );

  expect(host.sockets).toEqual([]);
  expect([...http.resolved, ...socks5.resolved]).toEqual([]);
  using client = await RawClient.open(http.proxy);
  client.send(`CONNECT a.test:${host.port} HTTP/1.1\r\n\r\nalive`);
  expect(await client.until("alive")).toContain(" 200 ");
  client.socket.end();
  await eventually(() => http.proxy.stats().active === 0 && socks5.proxy.stats().active === 0);
});

/** Valid messages, by the ports of a host that is allowed and of one that is not. */
const messages = {
  http: (port: number, denied: number): string[] => [
    `CONNECT a.test:${port} HTTP/1.1\r\nHost: a.test\r\n\r\n`,
    `CONNECT a.test:${port} HTTP/1.0\r\n\r\n`,
    `CONNECT b.test:${denied} HTTP/1.1\r\n\r\n`,
    `CONNECT 127.0.0.1:${denied} HTTP/1.1\r\nConnection: close\r\n\r\n`,
    `GET http://a.test:${port}/ HTTP/1.1\r\nHost: b.test:${denied}\r\n\r\n`,
    `HEAD http://a.test:${port}/ HTTP/1.1\r\n\r\n`,
    `GET http://b.test:${denied}/ HTTP/1.1\r\nHost: a.test:${port}\r\n\r\n`,
    `POST http://a.test:${port}/ HTTP/1.1\r\nContent-Length: 36\r\n\r\nCONNECT b.test:${denied} HTTP/1.1\r\n\r\n`,
    `POST http://a.test:${port}/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n`,
    `PUT http://a.test:${port}/ HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nbody`,
    `GET http://a.test:${port}/ HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    "OPTIONS * HTTP/1.1\r\n\r\n",
    "\r\n",
  ],
  socks5: (port: number, denied: number): string[] => {
    const bytes = (...codes: number[]): string => String.fromCharCode(...codes);
    const tail = (to: number): string => bytes(to >> 8, to & 255);
    return [
      bytes(5, 1, 0),
      bytes(5, 3, 1, 2, 0),
      `${bytes(5, 1, 0, 3, 6)}a.test${tail(port)}`,
      `${bytes(5, 1, 0, 3, 6)}b.test${tail(denied)}`,
      `${bytes(5, 1, 0, 1, 127, 0, 0, 1)}${tail(denied)}`,
      `${bytes(5, 1, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127, 0, 0, 1)}${tail(denied)}`,
      `${bytes(5, 3, 0, 1, 0, 0, 0, 0)}${tail(0)}`,
      `${bytes(1, 1)}u${bytes(1)}p`,
      bytes(22, 3, 1, 0, 5, 1, 0, 0, 1, 3),
      "some data",
    ];
  },
} as const;

/** What is sent: messages one behind another, damaged in places, cut into packets; and how the client leaves. */
const plan = fc.record({
  picks: fc.array(fc.nat(), { minLength: 1, maxLength: 6 }),
  damages: fc.array(fc.tuple(fc.nat(), fc.constantFrom("flip", "drop", "insert", "repeat"), fc.nat(255)), {
    maxLength: 3,
  }),
  cuts: fc.array(fc.nat(), { maxLength: 4 }),
  leaving: fc.constantFrom("end", "reset", "destroy"),
});

function damage(bytes: Buffer, [at, how, code]: readonly [number, string, number]): Buffer {
  const place = at % (bytes.length + 1);
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
  switch (how) {
    case "flip":
      return Buffer.concat([before, Buffer.of(code), after.subarray(1)]);
    case "drop":
      return Buffer.concat([before, after.subarray(1 + (code % 8))]);
    case "insert":
      return Buffer.concat([before, Buffer.of(code), after]);
    default:
      return Buffer.concat([before, after.subarray(0, code), after]);
  }
}

test.each(protocols)(
  "%s: sequences of messages, damaged, cut anywhere and broken off, open nothing that is not allowed, leak nothing, and the next client is served [HP-01] [HP-13] [SK-15]",
  async (protocol) => {
    await using host = await Host.open((socket) =>
      socket
        .on("data", () => socket.writable && socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
        .on("end", () => socket.end()),
    );
    await using denied = await Host.open(echo);
    await using rig = await { http: openHttpRig, socks5: openSocks5Rig }[protocol]({
      rules: { allowPrivate: [`a.test:${host.port}`] },
    });
    const known = messages[protocol](host.port, denied.port);
    await fc.assert(
      fc.asyncProperty(plan, async ({ picks, damages, cuts, leaving }) => {
        // A SOCKS session has an order: mostly it begins as one should.
        const order = protocol === "socks5" && picks.length % 4 > 0 ? [0, 2 + ((picks[0] ?? 0) % 5), ...picks] : picks;
        const whole = Buffer.from(order.map((pick) => known[pick % known.length]).join(""), "latin1");
        const bytes = damages.reduce(damage, whole);
        const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
        using client = await RawClient.open(rig.proxy);
        let sent = 0;
        for (const end of ends) {
          if (client.socket.writable && end > sent) client.send(bytes.subarray(sent, end));
          sent = end;
          await new Promise((resolve) => setImmediate(resolve));
        }
        if (leaving === "end") client.socket.end();
        else if (leaving === "reset") client.socket.resetAndDestroy();
        if (leaving === "end") await new Promise((resolve) => setTimeout(resolve, 3));
        client.socket.destroy();
        using next = await openTunnel(rig.proxy, "a.test", host.port);
        await next.send("alive").until("ok");
      }),
      { numRuns: runs * 3 },
    );
    expect(denied.sockets).toEqual([]);
    expect(rig.resolved.filter((name) => name !== "a.test")).toEqual([]);
    const opened = rig.events.filter(({ kind }) => kind === "open").map((event) => `${event.host}:${event.port}`);
    expect([...new Set(opened)]).toEqual([`a.test:${host.port}`]);
    await eventually(() => rig.proxy.stats().active === 0);
    await eventually(() => host.sockets.every(({ closed }) => closed));
  },
);
