import type { Socket } from "node:net";

/**
 * The memory through which one proxy copies. All its sockets read into the same bytes, since a read is dealt with
 * before the next one happens: an idle connection holds no buffer. What a reader does not take at once waits in a
 * chunk of its own, and chunks are used again, so that a busy relay leaves nothing to collect.
 */
export class RelayBuffers {
  /** Where reads land; valid until the next read of any socket. */
  readonly reading: Buffer = Buffer.allocUnsafeSlow(maxReadBytes);
  readonly #free: Buffer[] = [];

  /** Sends bytes that lie in {@link reading}. False: `to` is behind, and says `drain` when it has caught up. */
  send(to: Socket, bytes: Buffer): boolean {
    if (bytes.length <= smallBytes) return to.write(Buffer.from(bytes));
    const chunk = this.#free.pop() ?? Buffer.allocUnsafeSlow(maxReadBytes);
    bytes.copy(chunk);
    return to.write(chunk.subarray(0, bytes.length), () => {
      if (this.#free.length < maxFreeChunks) this.#free.push(chunk);
    });
  }
}

/** One read, and so what a tunnel holds each way while its reader is slow. Fewer, larger reads: 64 KiB took twice the time. */
const maxReadBytes = 256 * 1024;
/** Below this a copy out of Node's own pool is cheaper than a chunk. */
const smallBytes = 2 * 1024;
const maxFreeChunks = 16;
