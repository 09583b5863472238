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
  const { socket } = wire;
  return new Promise((resolve) => {
    let received: Buffer = Buffer.alloc(0);
    let isSettled = false;
    const settle = (message: Message | null): void => {
      isSettled = true;
      wire.unlisten();
      socket.off("end", onGone);
      socket.off("close", onGone);
      resolve(message);
    };
    const onGone = (): void => settle(null);
    socket.on("end", onGone);
    socket.on("close", onGone);
    wire.listen((bytes) => {
      received = Buffer.concat([received, bytes]);
      const decoded = decode(received);
      if (decoded.kind === "incomplete") return;
      settle(decoded.kind === "message" ? decoded.message : null);
      if (decoded.kind === "message") wire.keep(received.subarray(decoded.size));
    });
    if (!isSettled && (socket.readableEnded || socket.destroyed)) onGone();
  });
}
