import type { Socket } from "node:net";
import type { Decoded } from "./socks5-codec.ts";

/**
 * Reads messages from the start of a connection, however their bytes are cut into packets. Bytes behind a message
 * stay in the socket, in order, for whoever reads next.
 */
export class MessageReader {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** The next message; null when it is malformed, or the client ended or broke off before it was whole. */
  async read<Message>(decode: (bytes: Uint8Array) => Decoded<Message>): Promise<Message | null> {
    let bytes: Buffer = Buffer.alloc(0);
    for (;;) {
      const chunk = await this.#nextChunk();
      if (chunk === null) return null;
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
      const decoded = decode(bytes);
      if (decoded.kind === "malformed") return null;
      if (decoded.kind === "message") {
        if (decoded.size < bytes.length) this.#socket.unshift(bytes.subarray(decoded.size));
        return decoded.message;
      }
    }
  }

  #nextChunk(): Promise<Buffer | null> {
    const socket = this.#socket;
    return new Promise((resolve) => {
      const settle = (chunk: Buffer | null): void => {
        socket.off("readable", onReadable);
        socket.off("end", onGone);
        socket.off("close", onGone);
        resolve(chunk);
      };
      const onReadable = (): void => {
        const chunk: Buffer | null = socket.read();
        if (chunk !== null) settle(chunk);
      };
      const onGone = (): void => settle(null);
      if (socket.readableEnded || socket.destroyed) return resolve(null);
      socket.on("readable", onReadable);
      socket.on("end", onGone);
      socket.on("close", onGone);
      onReadable();
    });
  }
}
