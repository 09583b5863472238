import { connect, type Socket } from "node:net";
import type { KnownRoute, Target } from "../route.ts";
import { createHandshake } from "./handshake.ts";

/** What becomes of one connection; each but `onData` is called at most once. */
export interface TunnelOwner {
  /** The way to the target is open. */
  readonly onOpen: (socket: Socket) => void;
  /** Bytes of the target. Valid during the call only: every connection reads into one buffer. */
  readonly onData: (bytes: Buffer) => void;
  /** The connection is gone, or the proxy refused; nothing is called afterwards. */
  readonly onGone: (why: string) => void;
}

/** Scratch space: nothing in it outlives the call that reads it. */
const readBuffer = Buffer.allocUnsafe(256 * 1024);

/**
 * Opens one tunnel with as little work as Node allows: no streams, no copies, and no more of the protocols read than
 * tells yes from no.
 */
export function openTunnel(route: KnownRoute, target: Target, owner: TunnelOwner): Socket {
  let handshake = createHandshake(route, target);
  let isGone = false;
  const gone = (why: string): void => {
    if (isGone) return;
    isGone = true;
    owner.onGone(why);
  };
  const onBytes = (count: number): boolean => {
    if (isGone) return true;
    const bytes = readBuffer.subarray(0, count);
    if (handshake === null) {
      owner.onData(bytes);
      return true;
    }
    const step = handshake.take(bytes.toString("latin1"));
    if (step.kind === "send") {
      socket.write(step.bytes);
    } else if (step.kind === "refused") {
      gone(step.reason);
      socket.destroy();
    } else if (step.kind === "open") {
      handshake = null;
      owner.onOpen(socket);
      if (step.rest !== "") owner.onData(Buffer.from(step.rest, "latin1"));
    }
    return true;
  };
  const place = route.kind === "direct" ? target : route;
  const socket = connect({
    host: place.host,
    port: place.port,
    noDelay: true,
    onread: { buffer: readBuffer, callback: onBytes },
  });
  socket.on("connect", () => {
    if (handshake !== null) socket.write(handshake.first);
    else owner.onOpen(socket);
  });
  socket.on("error", (error) => gone(error.message));
  socket.on("close", () => gone("closed by the other side"));
  return socket;
}
