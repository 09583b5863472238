import { createHash } from "node:crypto";
import { once } from "node:events";
import type { Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../temporary-directory.ts";
import { openTunnel, protocols, tunnelRequest } from "./ask-tunnel.ts";
import { eventually, Host, openHttpRig, openSocks5Rig, type RawClient } from "./rig.ts";

const openRig = { http: openHttpRig, socks5: openSocks5Rig } as const;
const MiB = 1024 * 1024;
const bulkBytes = 64 * MiB;
/** What may lie in the system's buffers of two loopback connections, and in the relay. */
const maxInFlightBytes = 32 * MiB;

/** Repeats with a period that no buffer size has, so that exchanged or repeated pieces change the hash. */
function pattern(seed: string, bytes: number): Buffer {
  return Buffer.alloc(bytes, createHash("sha512").update(seed).digest("hex").slice(0, 127));
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** The hash of all that comes until the other side ends. */
async function hashToEnd(socket: Socket): Promise<string> {
  const hash = createHash("sha256");
  socket.on("data", (chunk: Buffer) => hash.update(chunk)).resume();
  await once(socket, "end");
  return hash.digest("hex");
}

async function sendAll(socket: Socket, bytes: Buffer, pieceBytes: number): Promise<void> {
  for (let start = 0; start < bytes.length; start += pieceBytes) {
    if (!socket.write(bytes.subarray(start, start + pieceBytes))) await once(socket, "drain");
  }
  socket.end();
}

/** A tunnel whose client reads nothing by itself: RawClient keeps all it hears. */
async function openQuietTunnel(...asked: Parameters<typeof openTunnel>): Promise<RawClient> {
  const client = await openTunnel(...asked);
  client.socket.pause();
  client.socket.removeAllListeners("data");
  return client;
}

test.each(protocols)("%s: 64 MiB each way at once arrive as they were sent [AV-07]", async (protocol) => {
  const [up, down] = [pattern("up", bulkBytes), pattern("down", bulkBytes)];
  const seen = Promise.withResolvers<string>();
  await using host = await Host.open((socket) => {
    hashToEnd(socket).then(seen.resolve, seen.reject);
    socket.once("data", () => void sendAll(socket, down, 100_003));
  });
  await using rig = await openRig[protocol]({ rules: { allowPrivate: [`a.test:${host.port}`] } });
  using client = await openQuietTunnel(rig.proxy, "a.test", host.port);
  const received = hashToEnd(client.socket);
  await sendAll(client.socket, up, 65_537);
  expect([await seen.promise, await received]).toEqual([sha256(up), sha256(down)]);
});

test.each(protocols)("%s: 5,000 small writes arrive in order [AV-07]", async (protocol) => {
  const seen = Promise.withResolvers<string>();
  await using host = await Host.open((socket) => hashToEnd(socket).then(seen.resolve, seen.reject));
  await using rig = await openRig[protocol]({ rules: { allowPrivate: [`a.test:${host.port}`] } });
  using client = await openTunnel(rig.proxy, "a.test", host.port);
  const pieces = Array.from({ length: 5_000 }, (_, index) => `${index}.`);
  for (const [index, piece] of pieces.entries()) {
    client.send(piece);
    if (index % 50 === 0) await sleep(1);
  }
  client.socket.end();
  expect(await seen.promise).toBe(sha256(Buffer.from(pieces.join(""))));
});

/** Writes for as long as it is let; gives how much it got rid of when that has stopped growing. */
async function floodUntilStopped(socket: Socket): Promise<number> {
  const chunk = Buffer.alloc(65_536);
  let before = -1;
  const taken = (): number => socket.bytesWritten - socket.writableLength;
  for (;;) {
    while (taken() < 512 * MiB && socket.writableLength < MiB) socket.write(chunk);
    await sleep(50);
    if (taken() === before || before >= 512 * MiB) return taken();
    before = taken();
  }
}

test.each(protocols)("%s: a reader that stalls stops the sender, in both directions [AV-05]", async (protocol) => {
  const accepted = Promise.withResolvers<Socket>();
  await using host = await Host.open((socket) => accepted.resolve(socket.pause()));
  await using rig = await openRig[protocol]({ rules: { allowPrivate: [`a.test:${host.port}`] } });
  using client = await openQuietTunnel(rig.proxy, "a.test", host.port);
  const atHost = await accepted.promise;
  expect(await floodUntilStopped(client.socket)).toBeLessThan(maxInFlightBytes);
  expect(await floodUntilStopped(atHost)).toBeLessThan(maxInFlightBytes);
  // It was only held back: when the readers go on, all of it comes.
  const asked = tunnelRequest(protocol, "a.test", host.port);
  const [up, down] = [client.socket.bytesWritten - asked.length, atHost.bytesWritten];
  const ends = [hashToEnd(client.socket), hashToEnd(atHost)];
  client.socket.end();
  atHost.end();
  await Promise.all(ends);
  expect([atHost.bytesRead, client.socket.bytesRead - (protocol === "http" ? 39 : 12)]).toEqual([up, down]);
});

const sizes = Array.from({ length: 12 }, (_, index) => 190_000 + index * 23_637);

test.each(
  protocols.flatMap((protocol) => (["TCP", "a Unix socket"] as const).map((listener) => [protocol, listener] as const)),
)(
  "%s over %s: what was sent before the end reaches a slow reader to the last byte [AV-06]",
  async (protocol, listener) => {
    using directory = temporaryDirectory();
    await using host = await Host.open((socket) => {
      socket.once("data", (asked: Buffer) => socket.end(pattern("tail", Number(asked.toString()))));
    });
    const path = listener === "TCP" ? undefined : join(directory.path, "proxy");
    await using rig = await openRig[protocol]({ path, rules: { allowPrivate: [`a.test:${host.port}`] } });
    await Promise.all(
      sizes.map(async (size) => {
        using client = await openQuietTunnel(rig.proxy, "a.test", host.port);
        client.socket.write(String(size));
        const hash = createHash("sha256");
        await sleep(20);
        for (let read = 0; read < size; ) {
          const chunk: Buffer | null = client.socket.read();
          if (chunk === null && client.socket.readableEnded) break;
          if (chunk !== null) hash.update(chunk);
          read += chunk?.length ?? 0;
          await sleep(1);
        }
        expect([size, hash.digest("hex")]).toEqual([size, sha256(pattern("tail", size))]);
      }),
    );
  },
);

test.each(protocols)(
  "%s: what a host sent before its reset reaches a slow reader, as far as it was read [AV-06]",
  async (protocol) => {
    const accepted = Promise.withResolvers<Socket>();
    await using host = await Host.open((socket) => accepted.resolve(socket.pause()));
    await using rig = await openRig[protocol]({ rules: { allowPrivate: [`a.test:${host.port}`] } });
    using client = await openQuietTunnel(rig.proxy, "a.test", host.port);
    const answerBytes = client.socket.bytesRead;
    const atHost = await accepted.promise;
    await floodUntilStopped(atHost);
    atHost.resetAndDestroy();
    // The proxy, too, has more to send than the system takes; the reader begins only now.
    await sleep(50);
    await hashToEnd(client.socket);
    await eventually(() => rig.events.at(-1)?.kind === "closed");
    expect(client.socket.bytesRead - answerBytes).toBe(rig.events.at(-1)?.bytesDown);
    expect(rig.events.at(-1)).toMatchObject({ reason: "the host broke off" });
  },
);

test("fifty tunnels at once, with mixed sizes and slow readers, never get each other's bytes [AV-07]", async () => {
  await using host = await Host.open((socket) => socket.pipe(socket));
  const rules = { allowPrivate: [`a.test:${host.port}`] };
  await using http = await openHttpRig({ rules });
  await using socks5 = await openSocks5Rig({ rules });
  await Promise.all(
    Array.from({ length: 50 }, async (_, index) => {
      using client = await openQuietTunnel((index % 2 === 0 ? http : socks5).proxy, "a.test", host.port);
      const sent = pattern(`tunnel ${index}`, 1_000 + (index % 7) * 333_331);
      const hash = createHash("sha256");
      client.socket.resume().on("data", (chunk: Buffer) => {
        hash.update(chunk);
        if (index % 3 !== 0) return;
        client.socket.pause();
        setTimeout(() => client.socket.resume(), index % 5);
      });
      void sendAll(client.socket, sent, 10 ** (1 + (index % 5)) * 7);
      await once(client.socket, "end");
      expect(hash.digest("hex")).toBe(sha256(sent));
    }),
  );
  expect([http.proxy.stats().opened, socks5.proxy.stats().opened]).toEqual([25, 25]);
});
