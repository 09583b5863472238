import type { Socket } from "node:net";
import type { IdleWatch, Watched } from "./idle-watch.ts";
import type { Wire, WireListener } from "./wire.ts";

/** Decides on the first bytes of the client: pass them on, wait for more, or end the tunnel. */
export type FirstBytesCheck = (bytes: Buffer) => "more" | "pass" | "refuse";

export interface TunnelOptions {
  /** Nobody listens to either; they may already hold bytes. */
  readonly client: Wire;
  readonly upstream: Wire;
  readonly check: FirstBytesCheck;
  /** Null: the tunnel may be idle for ever. */
  readonly idleWatch: IdleWatch | null;
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
export function tunnel(options: TunnelOptions): Promise<void> {
  if (options.client.socket.destroyed) {
    options.noteEnd("the client left before the tunnel was open");
    options.upstream.socket.destroy();
    return Promise.resolve();
  }
  return new Promise((resolve) => new Tunnel(options, resolve).start());
}

class Tunnel implements Watched {
  readonly #options: TunnelOptions;
  readonly #onClosed: () => void;
  #openSockets = 2;

  constructor(options: TunnelOptions, onClosed: () => void) {
    this.#options = options;
    this.#onClosed = onClosed;
  }

  start(): void {
    const { client, upstream, idleWatch } = this.#options;
    idleWatch?.add(this);
    // The host may speak first, as SSH and SMTP do.
    upstream.listen(new Direction(upstream, client, () => this.#onClose(upstream, client)));
    client.listen(new FirstBytes(this.#options, this));
    if (upstream.socket.closed) this.#onClose(upstream, client);
  }

  /** The client's bytes are good: from now on they pass. */
  pass(): void {
    const { client, upstream } = this.#options;
    client.listen(new Direction(client, upstream, () => this.#onClose(client, upstream)));
  }

  onClientClosed(): void {
    this.#onClose(this.#options.client, this.#options.upstream);
  }

  end(reason: string): void {
    const { client, upstream, noteEnd } = this.#options;
    noteEnd(reason);
    client.socket.destroy();
    upstream.socket.destroy();
  }

  activity(): number {
    return movedBytes(this.#options.client.socket) + movedBytes(this.#options.upstream.socket);
  }

  endIdle(): void {
    this.end("idle for too long");
  }

  #onClose(from: Wire, to: Wire): void {
    const { idleWatch, noteEnd, handshakeTimeoutMs } = this.#options;
    if (from.isBroken) noteEnd(from === this.#options.client ? "the client broke off" : "the host broke off");
    if (!isEnded(from.socket, to.socket)) closeSoon(to.socket, handshakeTimeoutMs);
    this.#openSockets -= 1;
    if (this.#openSockets > 0) return;
    idleWatch?.remove(this);
    this.#onClosed();
  }
}

/** Copies one way. */
class Direction implements WireListener {
  readonly #from: Wire;
  readonly #to: Wire;
  readonly onClose: () => void;

  constructor(from: Wire, to: Wire, onClose: () => void) {
    this.#from = from;
    this.#to = to;
    this.onClose = onClose;
  }

  onBytes(bytes: Buffer): void {
    this.#from.passOn(bytes, this.#to);
  }

  onEnd(): void {
    this.#to.end();
  }
}

/** Holds the client's bytes back until the check passes. */
class FirstBytes implements WireListener {
  readonly #options: TunnelOptions;
  readonly #tunnel: Tunnel;
  #held: Buffer | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: TunnelOptions, of: Tunnel) {
    this.#options = options;
    this.#tunnel = of;
  }

  onBytes(arrived: Buffer): void {
    const { client, upstream, check, handshakeTimeoutMs } = this.#options;
    const bytes = this.#held ? Buffer.concat([this.#held, arrived]) : arrived;
    switch (check(bytes)) {
      case "more":
        this.#held = this.#held ? bytes : Buffer.from(bytes);
        this.#timer ??= setTimeout(
          () => this.#tunnel.end("the client did not finish its TLS hello"),
          handshakeTimeoutMs,
        );
        return;
      case "refuse":
        clearTimeout(this.#timer);
        client.listen({
          onBytes: () => undefined,
          onEnd: () => undefined,
          onClose: () => this.#tunnel.onClientClosed(),
        });
        // The reason a TLS client can show its user: a fatal alert, access_denied (RFC 8446 §6.2).
        if (bytes[0] === 22) client.socket.write(accessDeniedAlert);
        upstream.socket.destroy();
        client.socket.destroySoon();
        return;
      case "pass":
        clearTimeout(this.#timer);
        client.passOn(bytes, upstream);
        this.#tunnel.pass();
    }
  }

  onEnd(): void {
    clearTimeout(this.#timer);
    if (this.#held) this.#tunnel.end("the client ended in the middle of its TLS hello");
    else this.#options.upstream.end();
  }

  onClose(): void {
    clearTimeout(this.#timer);
    this.#tunnel.onClientClosed();
  }
}

/** Whether a socket that is gone had said and heard everything. */
function isEnded(from: Socket, to: Socket): boolean {
  return from.readableEnded && (from.writableFinished || to.readableEnded);
}

/** Lets a socket send what it still holds, for a while. */
function closeSoon(socket: Socket, timeoutMs: number): void {
  if (socket.closed) return;
  const timer = setTimeout(() => socket.destroy(), timeoutMs);
  socket.once("close", () => clearTimeout(timer));
  socket.destroySoon();
}

function movedBytes(socket: Socket): number {
  return socket.bytesRead + socket.bytesWritten - socket.writableLength;
}

const accessDeniedAlert: Buffer = Buffer.from([21, 3, 3, 0, 2, 2, 49]);
