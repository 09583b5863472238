import type { Socket } from "node:net";
import { END_OF_UPLOAD } from "../origin.ts";
import { toKnownRoute } from "../route.ts";
import { openTunnel } from "./open-tunnel.ts";
import type { StartLoad, Window } from "./window.ts";

const CHUNK = Buffer.alloc(256 * 1024);
/** Writes handed to the kernel's socket at once: one under way, one waiting. */
const WRITES_AHEAD = 2;

/** Bytes one way through each of `clients` tunnels. Both ends count, and a difference is an error. */
export const startBulk: StartLoad = (job, window) => {
  const route = toKnownRoute(job.route, process.env);
  const streams = Array.from({ length: job.clients }, () => {
    const stream = job.load === "download" ? new Download(window) : new Upload(window);
    stream.socket = openTunnel(route, job.target, {
      onOpen: () => stream.open(),
      onData: (bytes) => stream.take(bytes),
      onGone: (why) => stream.gone(why),
    });
    return stream;
  });
  return {
    stop: async () => {
      for (const stream of streams) stream.stop();
      await Promise.all(streams.map((stream) => stream.closed));
    },
    abandon: () => {
      const open = streams.filter((stream) => stream.isOpen);
      for (const stream of open) stream.socket?.destroy();
      return open.length;
    },
  };
};

abstract class Stream {
  socket: Socket | null = null;
  isOpen = true;
  readonly #closed = Promise.withResolvers<void>();
  protected readonly window: Window;
  /** The origin's last 8 bytes: how many it sent or received. */
  protected tail: Buffer = Buffer.alloc(0);

  constructor(window: Window) {
    this.window = window;
  }

  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  abstract open(): void;
  abstract stop(): void;
  /** Bytes that came through, by this end's count. */
  protected abstract total(): number;

  take(bytes: Buffer): void {
    this.tail = bytes.length >= 8 ? Buffer.from(bytes.subarray(-8)) : Buffer.concat([this.tail, bytes]).subarray(-8);
  }

  gone(why: string): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    const counted = this.tail.length === 8 ? Number(this.tail.readBigUInt64BE()) : 0;
    if (counted === 0) this.window.fail(`the origin's count did not come: ${why}`);
    else if (counted !== this.total()) this.window.fail(`${this.total()} bytes here, ${counted} at the origin`);
    this.#closed.resolve();
  }
}

class Download extends Stream {
  #received = 0;

  open(): void {
    this.socket?.write("+");
  }

  override take(bytes: Buffer): void {
    super.take(bytes);
    this.#received += bytes.length;
    this.window.countBytes(bytes.length);
  }

  stop(): void {
    this.socket?.write("-");
  }

  protected total(): number {
    return this.#received - 8;
  }
}

class Upload extends Stream {
  #sent = 0;
  #isStopping = false;
  #isEnded = false;

  open(): void {
    for (let write = 0; write < WRITES_AHEAD; write += 1) this.#send();
  }

  stop(): void {
    this.#isStopping = true;
  }

  protected total(): number {
    return this.#sent;
  }

  #send(): void {
    if (!this.isOpen) return;
    if (this.#isStopping) {
      this.#end();
      return;
    }
    this.#sent += CHUNK.length;
    this.socket?.write(CHUNK, () => {
      this.window.countBytes(CHUNK.length);
      this.#send();
    });
  }

  #end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#sent += 1;
    this.socket?.write(Buffer.of(END_OF_UPLOAD));
  }
}
