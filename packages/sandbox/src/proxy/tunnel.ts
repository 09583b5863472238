import type { Socket } from "node:net";
import type { Wire } from "./wire.ts";

/** Decides on the first bytes of the client: pass them on, wait for more, or end the tunnel. */
export type FirstBytesCheck = (bytes: Buffer) => "more" | "pass" | "refuse";

export interface TunnelOptions {
  /** Nobody listens to it; it may already hold bytes. Both sockets allow half-open. */
  readonly client: Wire;
  readonly upstream: Wire;
  readonly check: FirstBytesCheck;
  /** 0 is never. */
  readonly idleTimeoutMs: number;
  /** From the first byte until {@link check} has decided; and for the last bytes after one side was cut. */
  readonly handshakeTimeoutMs: number;
  /** Told why the tunnel ends, before the sockets close; the first reason is the cause of those that follow. */
  readonly noteEnd: (reason: string) => void;
}

/**
 * Copies bytes both ways until both directions have ended, each on its own (RFC 9110 §9.3.6), and both sockets are
 * closed. A slow reader stops the sender: at most one read (256 KiB) is held each way beside the system's own buffers.
 * When one side is cut, what it had sent is still delivered. Never rejects.
 */
export async function tunnel(options: TunnelOptions): Promise<void> {
  const { idleTimeoutMs, noteEnd } = options;
  const client = options.client.socket;
  const upstream = options.upstream.socket;
  const end = (reason: string): void => {
    noteEnd(reason);
    client.destroy();
    upstream.destroy();
  };
  if (client.destroyed) return end("the client left before the tunnel was open");
  const closed = Promise.all([untilClosed(client), untilClosed(upstream)]);
  client.on("error", () => noteEnd("the client broke off"));
  upstream.on("error", () => noteEnd("the host broke off"));
  linkClosing(client, upstream, options.handshakeTimeoutMs);
  linkClosing(upstream, client, options.handshakeTimeoutMs);
  if (idleTimeoutMs > 0) {
    // Every byte of either direction touches both sockets, so the timer of each is the timer of the tunnel.
    for (const socket of [client, upstream]) {
      socket.setTimeout(idleTimeoutMs);
      socket.on("timeout", () => end("idle for too long"));
    }
  }
  // The host may speak first, as SSH and SMTP do.
  relay(options.upstream, client);
  sendChecked(options, end);
  await closed;
}

/** Copies one direction: bytes, their pauses, the end. */
function relay(from: Wire, to: Socket): void {
  to.on("drain", () => from.resume());
  from.listen((bytes) => from.passOn(bytes, to));
  // One that ended while nobody listened will not tell again.
  if (from.socket.readableEnded) to.end();
  else from.socket.once("end", () => to.end());
}

/** Holds the client's bytes back until the check passes, then copies. */
function sendChecked(options: TunnelOptions, end: (reason: string) => void): void {
  const { client, upstream, check } = options;
  let held: Buffer | null = null;
  let timer: NodeJS.Timeout | undefined;
  let isDecided = false;
  const release = (): void => {
    isDecided = true;
    clearTimeout(timer);
    client.socket.off("end", onEnd);
    client.socket.off("close", release);
  };
  const onEnd = (): void => {
    release();
    if (held) end("the client ended in the middle of its TLS hello");
    else upstream.socket.end();
  };
  const onBytes = (arrived: Buffer): void => {
    const bytes = held ? Buffer.concat([held, arrived]) : arrived;
    switch (check(bytes)) {
      case "more":
        timer ??= setTimeout(() => end("the client did not finish its TLS hello"), options.handshakeTimeoutMs);
        held = held ? bytes : Buffer.from(bytes);
        return;
      case "refuse":
        release();
        // The reason a TLS client can show its user: a fatal alert, access_denied (RFC 8446 §6.2).
        if (bytes[0] === 22) client.socket.write(accessDeniedAlert);
        upstream.socket.destroy();
        client.socket.destroySoon();
        return;
      case "pass":
        release();
        client.passOn(bytes, upstream.socket);
        relay(client, upstream.socket);
    }
  };
  client.socket.once("end", onEnd);
  client.socket.once("close", release);
  client.listen(onBytes);
  if (client.socket.readableEnded && !isDecided) onEnd();
}

/** When `from` is gone without having ended properly, `to` sends what it still holds and is closed. */
function linkClosing(from: Socket, to: Socket, timeoutMs: number): void {
  from.once("close", () => {
    if (from.readableEnded && from.writableFinished) return;
    const timer = setTimeout(() => to.destroy(), timeoutMs);
    to.once("close", () => clearTimeout(timer));
    to.destroySoon();
  });
}

function untilClosed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once("close", () => resolve());
  });
}

const accessDeniedAlert: Buffer = Buffer.from([21, 3, 3, 0, 2, 2, 49]);
