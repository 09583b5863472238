import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import { openTunnel, type ProxyPlace, tunnelRequest } from "./ask-tunnel.ts";
import { type ChildProxies, type Footprint, openChildProxies } from "./child-proxies.ts";
import { echo, Host, RawClient } from "./rig.ts";

/** Half of them by each protocol. */
const tunnelCount = 2_000;
const refusalCount = 4_000;
const resetsPerPhase = 200;
/** What is compiled, cached and pooled by the way; a leak of 2 KiB a connection is more. */
const maxLeftBytes = 4 * 1024 * 1024;
/** The whole process, with the reserve that a heap keeps (AV-02). */
const maxRssBytes = 300 * 1024 * 1024;

/** The proxies' process, measured until it holds no more descriptors than it did, and no connection. */
async function settled(proxies: ChildProxies, descriptors: number): Promise<Footprint> {
  for (let tries = 0; ; tries += 1) {
    const footprint = await proxies.measure();
    const isIdle = footprint.stats.every(({ active }) => active === 0);
    if ((footprint.descriptors <= descriptors && isIdle) || tries > 200) return footprint;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Resolves when so many bytes have come. Cheaper than a RawClient, of which there would be thousands. */
async function receive(socket: Socket, bytes: number): Promise<void> {
  for (let received = 0; received < bytes; ) {
    const [chunk] = await once(socket, "data");
    received += chunk.length;
  }
}

async function openEchoing(place: ProxyPlace, port: number): Promise<Socket> {
  const socket = connect(place.port, place.host);
  const answerBytes = place.protocol === "http" ? 39 : 12;
  socket.write(tunnelRequest(place.protocol, "a.test", port));
  await receive(socket, answerBytes);
  socket.write("ping");
  await receive(socket, 4);
  return socket;
}

/** Runs `make` so often, no more than 100 at a time: clients come in waves, and a listener's queue is finite. */
async function inWaves<Made>(count: number, make: (index: number) => Promise<Made>): Promise<Made[]> {
  const made: Made[] = [];
  for (let index = 0; index < count; index += 100) {
    const wave = Array.from({ length: Math.min(100, count - index) }, (_, offset) => make(index + offset));
    made.push(...(await Promise.all(wave)));
  }
  return made;
}

const placeOf = (proxies: ChildProxies, index: number): ProxyPlace => (index % 2 === 0 ? proxies.http : proxies.socks5);

test("2,000 tunnels at once have two descriptors and 16 KiB each; both return when they end [AV-02]", async () => {
  await using host = await Host.open(echo);
  await using proxies = await openChildProxies({ rules: { allowPrivate: [`a.test:${host.port}`] } });
  const start = await proxies.measure();
  // The second round shows that what the first one left is not left again.
  for (let round = 0; round < 2; round += 1) {
    const sockets = await inWaves(tunnelCount, (index) => openEchoing(placeOf(proxies, index), host.port));
    const full = await proxies.measure();
    expect(full.stats.map(({ active }) => active)).toEqual([tunnelCount / 2, tunnelCount / 2]);
    expect(full.descriptors - start.descriptors).toBe(2 * tunnelCount);
    expect((full.heldBytes - start.heldBytes) / tunnelCount).toBeLessThan(16 * 1024);
    for (const socket of sockets) socket.end();
    const end = await settled(proxies, start.descriptors);
    expect(end.stats.map(({ active }) => active)).toEqual([0, 0]);
    expect(end.descriptors).toBe(start.descriptors);
    expect(end.heldBytes - start.heldBytes).toBeLessThan(maxLeftBytes);
    expect(end.rssBytes).toBeLessThan(maxRssBytes);
  }
});

test("a flood of refused connections is answered to the last, and leaves nothing behind [AV-02]", async () => {
  await using host = await Host.open(echo);
  await using proxies = await openChildProxies({ rules: { allowPrivate: [`a.test:${host.port}`] } });
  const start = await proxies.measure();
  const refuse = async (index: number): Promise<void> => {
    const place = placeOf(proxies, index);
    const socket = connect(place.port, place.host);
    socket.write(tunnelRequest(place.protocol, "b.test", 443));
    await receive(socket, 12);
    socket.destroy();
  };
  await inWaves(refusalCount, refuse);
  const end = await settled(proxies, start.descriptors);
  expect(end.stats.map(({ refused, opened }) => [refused, opened])).toEqual([
    [refusalCount / 2, 0],
    [refusalCount / 2, 0],
  ]);
  expect(end.descriptors).toBe(start.descriptors);
  expect(end.heldBytes - start.heldBytes).toBeLessThan(maxLeftBytes);
  expect(end.rssBytes).toBeLessThan(maxRssBytes);
  expect(host.sockets).toEqual([]);
});

/** How far a tunnel has come when one side breaks it off. */
const phases = ["before a byte", "mid-request", "while its host is dialled", "with data on the way"] as const;

test.each(phases)(
  "clients that reset their connection %s, 200 times, leave nothing behind and harm nobody [AV-01] [AV-08] [SK-18]",
  async (phase) => {
    await using host = await Host.open((socket) => socket.on("data", () => socket.write(Buffer.alloc(100_000))));
    await using proxies = await openChildProxies({ rules: { allowPrivate: [`a.test:${host.port}`] } });
    const start = await proxies.measure();
    await inWaves(resetsPerPhase, async (index) => {
      const place = placeOf(proxies, index);
      using client = await RawClient.open(place);
      const request = tunnelRequest(place.protocol, "a.test", host.port);
      if (phase === "mid-request") client.send(request.subarray(0, index % request.length));
      if (phase === "while its host is dialled") client.send(request);
      if (phase === "with data on the way") {
        client.send(request).send("x".repeat(50_000));
        await client.bytes(50);
      }
      await new Promise((resolve) => setTimeout(resolve, index % 3));
      client.socket.resetAndDestroy();
    });
    const end = await settled(proxies, start.descriptors);
    expect(end.descriptors).toBe(start.descriptors);
    expect(end.stats.map(({ active }) => active)).toEqual([0, 0]);
    using next = await openTunnel(proxies.http, "a.test", host.port);
    next.send("hello");
    await next.bytes(10);
  },
);

test.each(["at once", "after the first bytes", "with data on the way"])(
  "hosts that reset their connection %s, 200 times, leave nothing behind [AV-01]",
  async (phase) => {
    let served = 0;
    await using host = await Host.open((socket) => {
      served += 1;
      if (served > resetsPerPhase) return void socket.pipe(socket);
      if (phase === "at once") return void socket.resetAndDestroy();
      if (phase === "with data on the way") socket.write(Buffer.alloc(500_000));
      socket.once("data", () => socket.resetAndDestroy());
    });
    await using proxies = await openChildProxies({ rules: { allowPrivate: [`a.test:${host.port}`] } });
    const start = await proxies.measure();
    await inWaves(resetsPerPhase, async (index) => {
      const place = placeOf(proxies, index);
      using client = await RawClient.open(place);
      client.send(tunnelRequest(place.protocol, "a.test", host.port)).send("x".repeat(50_000));
      if (!client.socket.closed) await client.rest();
    });
    const end = await settled(proxies, start.descriptors);
    expect(end.descriptors).toBe(start.descriptors);
    expect(end.stats.map(({ active }) => active)).toEqual([0, 0]);
    using next = await openTunnel(proxies.socks5, "a.test", host.port);
    next.send("alive");
    expect(await next.until("alive")).toBe("alive");
  },
);
