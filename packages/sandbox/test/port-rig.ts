import { createHash } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import type { ConfinedProcess } from "../src/confined-process.ts";
import type { ConnectionEvent } from "../src/proxy/proxy-handle.ts";
import type { Sandbox } from "../src/sandbox.ts";

/** A server on this machine's loopback; disposing closes it with its connections. */
export async function openServer(
  onConnection: (socket: Socket) => void,
  host = "127.0.0.1",
): Promise<AsyncDisposable & { readonly port: number }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => undefined);
    onConnection(socket);
  });
  server.listen(0, host);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port, // TCP: not a pipe name
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Runs a Node script inside until it is killed. Resolves when it has said its first line. */
export async function startInside(sandbox: Sandbox, script: string, clientId = "server"): Promise<ConfinedProcess> {
  const started = sandbox.spawn({ argv: [process.execPath, "-e", script], clientId, isReadOnly: false });
  started.stderr?.resume();
  await once(started.stdout ?? started.child, "data");
  return started;
}

/** Collects what a socket brings until it ends or breaks. */
export function readAll(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    socket.on("data", (bytes) => {
      text += bytes;
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(text));
  });
}

/** Sends `text` and the end to a port of this machine's 127.0.0.1, and gives the answer. */
export function askPort(port: number, text: string): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
  socket.end(text);
  return readAll(socket);
}

/** Whether this machine's 127.0.0.1 takes a connection at the port. */
export async function isOpen(port: number): Promise<boolean> {
  const socket = connect({ host: "127.0.0.1", port });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** What a sandbox tells of its connections, and a promise of the first event that passes a test. */
export function record(sandbox: Sandbox): {
  readonly events: readonly ConnectionEvent[];
  until(test: (event: ConnectionEvent) => boolean): Promise<ConnectionEvent>;
} {
  const events: ConnectionEvent[] = [];
  const waiting = new Set<() => void>();
  sandbox.subscribe((event) => {
    events.push(event);
    for (const look of waiting) look();
  });
  const until = (test: (event: ConnectionEvent) => boolean): Promise<ConnectionEvent> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = events.find(test);
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  return { events, until };
}

/** 64 MiB that do not repeat soon, in pieces. */
export const bulkPieces = 1_024;
export const bulkPiece: Buffer = Buffer.from(
  Array.from({ length: 65_536 }, (_, index) => (index * 7 + (index >> 8)) & 255),
);
export const bulkHash: string = (() => {
  const hash = createHash("sha256");
  for (let piece = 0; piece < bulkPieces; piece++) hash.update(bulkPiece);
  return hash.digest("hex");
})();

/** Sends all pieces as fast as they are taken, then the end. */
export function sendBulk(socket: Socket): void {
  let piece = 0;
  const send = (): void => {
    while (piece < bulkPieces) {
      piece += 1;
      if (!socket.write(bulkPiece)) {
        socket.once("drain", send);
        return;
      }
    }
    socket.end();
  };
  send();
}

/** The hash of everything that comes. */
export async function hashBulk(socket: Socket): Promise<string> {
  const hash = createHash("sha256");
  socket.on("data", (bytes: Buffer) => hash.update(bytes));
  await once(socket, "end");
  return hash.digest("hex");
}

/** The two functions above for a script that runs inside. */
export const bulkInside: string = `
  const { createHash } = require("node:crypto");
  const piece = Buffer.from(Array.from({ length: 65536 }, (_, index) => (index * 7 + (index >> 8)) & 255));
  const sendBulk = (socket) => {
    let sent = 0;
    const send = () => {
      while (sent < ${bulkPieces}) {
        sent += 1;
        if (!socket.write(piece)) return socket.once("drain", send);
      }
      socket.end();
    };
    send();
  };
  const hashBulk = (socket) => new Promise((resolve) => {
    const hash = createHash("sha256");
    socket.on("data", (bytes) => hash.update(bytes)).on("end", () => resolve(hash.digest("hex")));
  });
`;
