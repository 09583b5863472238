import type { Socket } from "node:net";

/** Decides on the first bytes of the client: pass them on, wait for more, or end the tunnel. */
export type FirstBytesCheck = (bytes: Buffer) => "more" | "pass" | "refuse";

export interface TunnelOptions {
  /** May already hold bytes; both sockets allow half-open. */
  readonly client: Socket;
  readonly upstream: Socket;
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
 * closed. A slow reader stops the sender: at most a socket buffer (64 KiB) and one read are held each way.
 * When one side is cut, what it had sent is still delivered. Never rejects.
 */
export async function tunnel(options: TunnelOptions): Promise<void> {
  const { client, upstream, idleTimeoutMs, noteEnd } = options;
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
  // Every byte of either direction touches both sockets, so the timer of each is the timer of the tunnel.
  for (const socket of [client, upstream]) {
    socket.setTimeout(idleTimeoutMs);
    socket.on("timeout", () => end("idle for too long"));
  }
  // The host may speak first, as SSH and SMTP do.
  upstream.pipe(client);
  sendChecked(options, end);
  await closed;
}

/** Holds the client's bytes back until the check passes, then hands over to a plain pipe. */
function sendChecked(options: TunnelOptions, end: (reason: string) => void): void {
  const { client, upstream, check } = options;
  const chunks: Buffer[] = [];
  let timer: NodeJS.Timeout | undefined;
  const release = (): void => {
    clearTimeout(timer);
    client.off("data", onData);
    client.off("end", onEnd);
    client.off("close", release);
  };
  const onData = (chunk: Buffer): void => {
    timer ??= setTimeout(() => end("the client did not finish its TLS hello"), options.handshakeTimeoutMs);
    chunks.push(chunk);
    const bytes = chunks.length === 1 ? chunk : Buffer.concat(chunks);
    switch (check(bytes)) {
      case "more":
        return;
      case "refuse":
        release();
        // The reason a TLS client can show its user: a fatal alert, access_denied (RFC 8446 §6.2).
        if (bytes[0] === 22) client.write(accessDeniedAlert);
        upstream.destroy();
        client.destroySoon();
        return;
      case "pass":
        release();
        client.pause();
        upstream.write(bytes);
        client.pipe(upstream);
    }
  };
  const onEnd = (): void => {
    release();
    if (chunks.length > 0) end("the client ended in the middle of its TLS hello");
    else upstream.end();
  };
  // A client that ended while the host was dialled will not tell again.
  if (client.readableEnded) {
    onEnd();
    return;
  }
  client.on("data", onData);
  client.on("end", onEnd);
  client.on("close", release);
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
