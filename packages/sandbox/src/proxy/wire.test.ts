import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { eventually } from "../../test/proxy/rig.ts";
import { RelayBuffers } from "./relay-buffers.ts";
import { takeConnections } from "./take-connections.ts";
import { Wire, type WireListener } from "./wire.ts";

/** A wire, and the socket at the other end of its connection. */
interface Joined extends AsyncDisposable {
  readonly wire: Wire;
  readonly peer: Socket;
}

type Kind = "connect" | "accept" | "of" | "accept without a buffer";
const kinds: readonly Kind[] = ["connect", "accept", "of", "accept without a buffer"];

async function join(kind: Kind): Promise<Joined> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const buffers = new RelayBuffers();
  const accepted = once(server, "connection") as Promise<[Socket]>; // what the event gives
  const taken = new Promise<object>((resolve) => {
    if (kind.startsWith("accept")) expect(takeConnections(server, resolve)).toBe(true);
  });
  let wire: Wire;
  let peer: Socket;
  if (kind === "connect") {
    wire = Wire.connect({ host: "127.0.0.1", port }, buffers);
    [peer] = await accepted;
  } else {
    peer = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    if (kind === "accept without a buffer") withoutUserBuffer(await taken);
    wire = kind === "of" ? Wire.of((await accepted)[0], buffers) : Wire.accept(await taken, buffers);
  }
  for (const socket of [wire.socket, peer]) socket.on("error", () => undefined);
  return {
    wire,
    peer,
    async [Symbol.asyncDispose]() {
      wire.socket.destroy();
      peer.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** As on a Node that reads into no buffer of the user's. */
function withoutUserBuffer(handle: object): void {
  Object.defineProperty(handle, "useUserBuffer", { value: undefined });
}

function hearing(onBytes: (bytes: Buffer) => void): WireListener {
  return { onBytes, onEnd: () => undefined, onClose: () => undefined };
}

/** What a listener hears, copied before the next read overwrites it. */
function collect(wire: Wire): { text: () => string } {
  const heard: Buffer[] = [];
  wire.listen(hearing((bytes) => heard.push(Buffer.from(bytes))));
  return { text: () => Buffer.concat(heard).toString("latin1") };
}

test.each(kinds)("%s: what came before anyone listens is kept, and comes first", async (kind) => {
  await using joined = await join(kind);
  const { wire, peer } = joined;
  peer.write("one ");
  await eventually(() => wire.socket.bytesRead === 4);
  peer.write("two ");
  await eventually(() => wire.socket.bytesRead === 8);
  const heard = collect(wire);
  peer.write("three");
  await eventually(() => heard.text().length >= 13);
  expect(heard.text()).toBe("one two three");
});

test.each(kinds)(
  "%s: without a listener the sender is stopped at a bound, and nothing is lost [AV-05]",
  async (kind) => {
    await using joined = await join(kind);
    const { wire, peer } = joined;
    const sent = Buffer.alloc(8 * 1024 * 1024, "0123456789abc");
    peer.end(sent);
    let before = -1;
    while (before !== wire.socket.bytesRead) {
      before = wire.socket.bytesRead;
      await sleep(30);
    }
    // What is kept, and the one read that went beyond it.
    expect(before).toBeGreaterThanOrEqual(65_536);
    expect(before).toBeLessThanOrEqual(65_536 + 256 * 1024);
    const hash = createHash("sha256");
    wire.listen(hearing((bytes) => hash.update(bytes)));
    await once(wire.socket, "end");
    expect(wire.socket.bytesRead).toBe(sent.length);
    expect(hash.digest("hex")).toBe(createHash("sha256").update(sent).digest("hex"));
  },
);

test.each(kinds)("%s: one listener takes over from another without a byte lost or out of order", async (kind) => {
  await using joined = await join(kind);
  const { wire, peer } = joined;
  let heard = "";
  wire.listen(
    hearing((bytes) => {
      heard += bytes;
      wire.unlisten();
      wire.keep(Buffer.from("kept by hand "));
    }),
  );
  peer.write("first ");
  await eventually(() => heard !== "");
  peer.write("meanwhile ");
  await eventually(() => wire.socket.bytesRead === 16);
  wire.keep(Buffer.from("and more "));
  const second = collect(wire);
  peer.end("last");
  await once(wire.socket, "end");
  expect([heard, second.text()]).toEqual(["first ", "kept by hand meanwhile and more last"]);
});

test.each(kinds)("%s: a stream reader gets what was kept and what comes, and gives the rest back", async (kind) => {
  await using joined = await join(kind);
  const { wire, peer } = joined;
  peer.write("kept ");
  await eventually(() => wire.socket.bytesRead === 5);
  for (const round of ["one ", "two "]) {
    let streamed = "";
    const socket = wire.release();
    const onData = (chunk: Buffer): void => {
      streamed += chunk;
    };
    socket.on("data", onData);
    peer.write(round);
    await eventually(() => streamed.endsWith(round));
    expect(streamed).toBe(round === "one " ? "kept one " : "back two ");
    socket.off("data", onData);
    wire.keep(Buffer.from("back "));
    await eventually(() => socket.readableLength === 0);
  }
  const listened = collect(wire);
  peer.end("three");
  await once(wire.socket, "end");
  expect(listened.text()).toBe("back three");
});

test.each(kinds)("%s: a stream reader that stops is waited for, and misses nothing [AV-05]", async (kind) => {
  await using joined = await join(kind);
  const { wire, peer } = joined;
  const sent = Buffer.alloc(8 * 1024 * 1024, "zyxwvut");
  peer.end(sent);
  const socket = wire.release();
  socket.pause();
  let before = -1;
  while (before !== socket.bytesRead) {
    before = socket.bytesRead;
    await sleep(30);
  }
  expect(before).toBeLessThanOrEqual(1024 * 1024);
  const hash = createHash("sha256");
  socket.on("data", (chunk: Buffer) => hash.update(chunk)).resume();
  await once(socket, "end");
  expect(hash.digest("hex")).toBe(createHash("sha256").update(sent).digest("hex"));
});

test.each(kinds)("%s: a reader that waits for `readable` and leaves is no obstacle to a listener", async (kind) => {
  await using joined = await join(kind);
  const { wire, peer } = joined;
  const socket = wire.release();
  let read = "";
  const onReadable = (): void => {
    read += socket.read() ?? "";
  };
  socket.on("readable", onReadable);
  peer.write("streamed");
  await eventually(() => read === "streamed");
  socket.off("readable", onReadable);
  const heard = collect(wire);
  peer.write("heard");
  await eventually(() => heard.text() === "heard");
});

test.each(kinds)("%s: while it is paused nothing comes; afterwards everything", async (kind) => {
  await using joined = await join(kind);
  const { wire, peer } = joined;
  const heard = collect(wire);
  peer.write("before");
  await eventually(() => heard.text() === "before");
  wire.pause();
  wire.pause();
  peer.write(" after");
  await sleep(30);
  expect(heard.text()).toBe("before");
  wire.resume();
  await eventually(() => heard.text() === "before after");
});

test.each(kinds)("%s: the end and a reset of the other side are seen, with nobody listening too", async (kind) => {
  await using ending = await join(kind);
  ending.peer.end();
  await once(ending.wire.socket, "end");
  expect(ending.wire.socket.destroyed).toBe(false); // half-open
  await using resetting = await join(kind);
  resetting.peer.resetAndDestroy();
  await eventually(() => resetting.wire.socket.closed);
});
