import { createServer, type Socket } from "node:net";

/** The host behind the proxies: one listener per behaviour. Tells their ports over IPC and lives as long as its parent. */

export interface OriginPorts {
  /** Answers the first bytes with one byte. */
  readonly greet: number;
  readonly echo: number;
  /** Sends from the first byte it gets until the next, then the count of what it sent, in 8 bytes. */
  readonly source: number;
  /** Takes bytes until one of `END_OF_UPLOAD`, then answers with the count of all. */
  readonly sink: number;
  /** Answers each request head with 1 KiB. */
  readonly http: number;
}

export const END_OF_UPLOAD = 0xff;
/** A byte that neither a proxy's answer nor a TLS alert begins with. */
export const GREETING = 0x21;

const CHUNK = Buffer.alloc(256 * 1024);
const BODY_BYTES = 1_024;
const RESPONSE = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${BODY_BYTES}\r\n\r\n${"k".repeat(BODY_BYTES)}`,
);

function greet(socket: Socket): void {
  socket.once("data", () => socket.write(Buffer.of(GREETING)));
  socket.on("data", () => undefined);
}

function echo(socket: Socket): void {
  socket.on("data", (bytes) => socket.write(bytes));
}

function source(socket: Socket): void {
  let sent = 0;
  let isSending = false;
  const send = (): void => {
    if (!isSending || socket.writableNeedDrain) return;
    do sent += CHUNK.length;
    while (socket.write(CHUNK));
  };
  socket.on("drain", send);
  socket.on("data", () => {
    if (isSending) {
      isSending = false;
      socket.end(toCount(sent));
      return;
    }
    isSending = true;
    send();
  });
}

function sink(socket: Socket): void {
  let received = 0;
  socket.on("data", (bytes) => {
    received += bytes.length;
    if (bytes[bytes.length - 1] === END_OF_UPLOAD) socket.end(toCount(received));
  });
}

/** Requests come without bodies, and one at a time per connection. */
function http(socket: Socket): void {
  let head = "";
  socket.on("data", (bytes) => {
    head += bytes.toString("latin1");
    if (!head.endsWith("\r\n\r\n")) return;
    head = "";
    socket.write(RESPONSE);
  });
}

function toCount(count: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(count));
  return bytes;
}

if (import.meta.main) {
  process.on("disconnect", () => process.exit(0));
  const ports: Record<string, number> = {};
  for (const [name, serve] of Object.entries({ greet, echo, source, sink, http })) {
    const server = createServer({ noDelay: true }, (socket) => {
      socket.on("error", () => socket.destroy());
      serve(socket);
    });
    await new Promise<void>((resolve) => server.listen({ host: "127.0.0.1", port: 0, backlog: 4_096 }, resolve));
    const address = server.address();
    ports[name] = typeof address === "object" && address !== null ? address.port : 0;
  }
  process.send?.({ ports });
}
