import type { Decoded } from "./socks5-codec.ts";
import type { Wire } from "./wire.ts";

/**
 * Reads one message of a client, however its bytes are cut into packets; bytes behind it stay with the wire, in order,
 * for whoever listens next. Null when it is malformed, or the client ended or broke off before it was whole.
 */
export function readMessage<Message>(
  wire: Wire,
  decode: (bytes: Uint8Array) => Decoded<Message>,
): Promise<Message | null> {
  if (wire.socket.destroyed) return Promise.resolve(null);
  return new Promise((resolve) => {
    let received: Buffer | null = null;
    const settle = (message: Message | null): void => {
      wire.unlisten();
      resolve(message);
    };
    wire.listen({
      onBytes: (bytes) => {
        const all = received ? Buffer.concat([received, bytes]) : bytes;
        const decoded = decode(all);
        if (decoded.kind === "incomplete") {
          received = Buffer.from(all);
          return;
        }
        settle(decoded.kind === "message" ? decoded.message : null);
        if (decoded.kind === "message") wire.keep(all.subarray(decoded.size));
      },
      onEnd: () => settle(null),
      onClose: () => settle(null),
    });
  });
}
