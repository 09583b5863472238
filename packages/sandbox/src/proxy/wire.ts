import { connect, type OnReadOpts, Socket, type SocketConstructorOpts } from "node:net";
import type { RelayBuffers } from "./relay-buffers.ts";

/** Who hears what a wire brings. */
export interface WireListener {
  /** Bytes that arrived. Valid during the call only: the next read overwrites them. */
  onBytes(bytes: Buffer): void;
  /** The other side sends no more. Told once, after the last byte. */
  onEnd(): void;
  /** The socket is gone, by whatever cause. */
  onClose(): void;
}

/**
 * A socket whose bytes go to one listener at a time, without a stream between: into the buffer that all sockets of
 * the proxy share. Until someone listens, what arrives is kept, 64 KiB at most, and so is the end.
 */
export class Wire {
  readonly socket: Socket;
  readonly #buffers: RelayBuffers;
  /** For a socket that is read as a stream: what this wire does with its data. */
  readonly #onData: ((bytes: Buffer) => void) | null;
  #listener: WireListener | null = null;
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #isEndKept = false;
  #isPaused = false;
  #isReleased = false;
  #isBroken = false;
  /** The wire that has stopped because this one is behind. */
  #waiting: Wire | null = null;

  /** Connects, like `net.connect`; half-open. */
  static connect(place: { readonly host: string; readonly port: number }, buffers: RelayBuffers): Wire {
    const { host, port } = place;
    return new Wire(buffers, (onread) => connect({ host, port, onread, allowHalfOpen: true, noDelay: true }));
  }

  /** Makes the socket of a connection that {@link takeConnections} gave; half-open. */
  static accept(handle: object, buffers: RelayBuffers): Wire {
    if (can(handle, "setNoDelay")) handle.setNoDelay(true); // a Unix socket's cannot
    if (!can(handle, "useUserBuffer")) return Wire.of(toSocket({ handle }), buffers);
    return new Wire(buffers, (onread) => toSocket({ handle, onread }));
  }

  /** Any socket, by its stream: one with TLS over it, for instance. */
  static of(socket: Socket, buffers: RelayBuffers): Wire {
    return new Wire(buffers, socket);
  }

  private constructor(buffers: RelayBuffers, source: Socket | ((onread: OnReadOpts) => Socket)) {
    this.#buffers = buffers;
    if (source instanceof Socket) {
      this.socket = source;
      this.#onData = (bytes) => void this.#take(bytes);
      source.on("data", this.#onData);
    } else {
      const { reading } = buffers;
      this.socket = source({ buffer: reading, callback: (count) => this.#take(reading.subarray(0, count)) });
      this.#onData = null;
    }
    const { socket } = this;
    socket.on("end", () => this.#onEnd());
    socket.on("drain", () => this.#onDrain());
    socket.on("error", () => {
      this.#isBroken = true; // `close` follows and is told
    });
    socket.on("close", () => this.#onClose());
    socket.resume();
    if (socket.readableEnded) this.#isEndKept = true;
  }

  /** True when the socket is gone because of an error, a reset by the other side for instance. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** From now on `listener` hears everything, first what was kept. */
  listen(listener: WireListener): void {
    this.#takeBack();
    this.#listener = listener;
    if (this.#kept.length > 0) {
      const bytes = this.#takeKept();
      this.resume();
      listener.onBytes(bytes);
    }
    if (this.#isEndKept && this.#listener) this.#onEnd();
  }

  /** Bytes and the end are kept again until the next listener comes. */
  unlisten(): void {
    this.#listener = null;
  }

  /** Adds to what is kept for the next listener. Nobody listens at that time. */
  keep(bytes: Buffer): void {
    this.#takeBack();
    if (bytes.length === 0) return;
    const isShared = bytes.buffer === this.#buffers.reading.buffer;
    this.#kept.push(isShared ? Buffer.from(bytes) : bytes);
    this.#keptBytes += bytes.length;
    if (this.#keptBytes >= maxKeptBytes) this.pause();
  }

  /**
   * Gives the socket to whoever reads it as a stream, with the bytes kept so far; that reader must take them at once.
   * The next call of `listen` or `keep` takes it back.
   */
  release(): Socket {
    this.#listener = null;
    this.#isReleased = true;
    if (this.#onData) this.socket.off("data", this.#onData);
    this.resume();
    if (this.#kept.length > 0) this.socket.unshift(this.#takeKept());
    return this.socket;
  }

  pause(): void {
    this.#isPaused = true;
    this.socket.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.socket.resume();
  }

  /** Sends what a listener was just given on to another wire, and reads no more while that one is behind. */
  passOn(bytes: Buffer, to: Wire): void {
    if (this.#buffers.send(to.socket, bytes)) return;
    to.#waiting = this;
    this.pause();
  }

  /** Sends the end of what goes this way. Where the other side has ended too, closing says so with one call less. */
  end(): void {
    const { socket } = this;
    if (this.#onData === null && socket.readableEnded && socket.writableLength === 0) socket.destroy();
    else socket.end();
  }

  /** False where a stream has had enough for now; it asks for more by itself. To stop otherwise, `pause` was called. */
  #take(bytes: Buffer): boolean {
    if (this.#isReleased) return this.socket.push(Buffer.from(bytes));
    if (this.#listener) this.#listener.onBytes(bytes);
    else this.keep(bytes);
    return true;
  }

  #onEnd(): void {
    const listener = this.#listener;
    this.#isEndKept = listener === null;
    listener?.onEnd();
  }

  #onClose(): void {
    const listener = this.#listener;
    this.#listener = null;
    listener?.onClose();
    // A closed socket often stays in memory until the next full collection: what its listeners hold shall not stay with it.
    this.socket.removeAllListeners();
    this.socket.on("error", ignore);
  }

  #onDrain(): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.resume();
  }

  #takeKept(): Buffer {
    const kept = this.#kept;
    this.#kept = [];
    this.#keptBytes = 0;
    return kept.length === 1 && kept[0] ? kept[0] : Buffer.concat(kept);
  }

  #takeBack(): void {
    if (!this.#isReleased) return;
    this.#isReleased = false;
    if (this.#onData) this.socket.on("data", this.#onData);
    this.socket.resume(); // whoever had it may have left it neither flowing nor paused
  }
}

/** What is sent ahead of an answer: more waits in the system's own buffers. */
const maxKeptBytes = 65_536;

function ignore(): void {
  // It is closed, and its owner knows.
}

/** Not in the types: a socket over a handle that is connected already. */
function toSocket(options: { readonly handle: object; readonly onread?: OnReadOpts }): Socket {
  return new Socket({ ...options, allowHalfOpen: true } as SocketConstructorOpts);
}

function can<Method extends string>(
  handle: object,
  method: Method,
): handle is { readonly [key in Method]: (argument: unknown) => void } {
  return method in handle && typeof (handle as { readonly [key in Method]?: unknown })[method] === "function";
}
