import { connect, type OnReadOpts, Socket, type SocketConstructorOpts } from "node:net";
import type { RelayBuffers } from "./relay-buffers.ts";

/** Bytes that arrived. Valid during the call only: the next read overwrites them. */
export type BytesListener = (bytes: Buffer) => void;

/**
 * A socket whose bytes go to one listener at a time, without a stream between: into the buffer that all sockets of
 * the proxy share. Until someone listens, what arrives is kept, 64 KiB at most. Ends and errors are the socket's.
 */
export class Wire {
  readonly socket: Socket;
  readonly #buffers: RelayBuffers;
  /** For a socket that is read as a stream: what this wire does with its data. */
  readonly #onData: BytesListener | null;
  #listener: BytesListener | null = null;
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #isPaused = false;
  #isReleased = false;

  /** Connects, like `net.connect`; half-open. */
  static connect(place: { readonly host: string; readonly port: number }, buffers: RelayBuffers): Wire {
    return new Wire(buffers, (onread) => connect({ ...place, onread, allowHalfOpen: true, noDelay: true }));
  }

  /** Takes over a connection that a server with `pauseOnConnect` accepted; the given socket is of no use afterwards. */
  static accept(accepted: Socket, buffers: RelayBuffers): Wire {
    const handle = takeHandle(accepted);
    if (!handle) return Wire.of(accepted, buffers);
    accepted.destroy();
    // Not in the types: a socket over a handle that is connected already.
    const options = { handle, allowHalfOpen: true } as SocketConstructorOpts;
    return new Wire(buffers, (onread) => new Socket({ ...options, onread }));
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
    this.socket.resume();
  }

  /** From now on bytes go to `listener`, those first that were kept. */
  listen(listener: BytesListener): void {
    this.#takeBack();
    this.#listener = listener;
    if (this.#kept.length === 0) return;
    const bytes = this.#takeKept();
    this.resume();
    listener(bytes);
  }

  /** Bytes are kept again until the next listener comes. */
  unlisten(): void {
    this.#listener = null;
  }

  /** What still comes is read and thrown away. */
  discard(): void {
    this.listen(() => undefined);
  }

  /** Adds to what is kept for the next listener. Nobody listens at that time. */
  keep(bytes: Buffer): void {
    this.#takeBack();
    if (bytes.length === 0) return;
    this.#kept.push(Buffer.from(bytes));
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

  /**
   * Sends what a listener was just given on to another socket, and stops reading while that is behind;
   * {@link resume} is for whoever hears its `drain`.
   */
  passOn(bytes: Buffer, to: Socket): void {
    if (!this.#buffers.send(to, bytes)) this.pause();
  }

  /** False where a stream has had enough for now; it asks for more by itself. To stop otherwise, `pause` was called. */
  #take(bytes: Buffer): boolean {
    if (this.#isReleased) return this.socket.push(Buffer.from(bytes));
    if (this.#listener) this.#listener(bytes);
    else this.keep(bytes);
    return true;
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

/**
 * The system's side of an accepted socket, which is then left without one. Node lets only sockets that it has not made
 * yet read into a given buffer, and accepted ones are made by the server; null should it no longer keep handles so.
 */
function takeHandle(accepted: Socket): object | null {
  const holder = accepted as { _handle?: unknown };
  const handle = holder._handle;
  if (typeof handle !== "object" || handle === null) return null;
  if (!("useUserBuffer" in handle) || typeof handle.useUserBuffer !== "function") return null;
  holder._handle = null;
  return handle;
}
