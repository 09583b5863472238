import type { Wire } from "./wire.ts";

/**
 * Sends the last bytes and closes so that they arrive: closing a socket with unread input would make the system
 * discard them on the way (RFC 9112 §9.6). What the client still sends is read and thrown away, for a second at most.
 */
export function closeAfter(wire: Wire, lastBytes: Uint8Array | string): void {
  const { socket } = wire;
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.end(lastBytes);
  wire.listen({
    onBytes: () => undefined,
    onEnd: () => socket.destroySoon(),
    onClose: () => clearTimeout(timer),
  });
}

const lingerMs = 1_000;
