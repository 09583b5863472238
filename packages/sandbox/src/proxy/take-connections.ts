import type { Server } from "node:net";

/**
 * Has the connections of a listening server given as the system's handles of them, before Node makes a socket of each:
 * the relay makes its own, which Node would not let read into a given buffer otherwise. False where Node's servers no
 * longer work so; then they give sockets as ever.
 */
export function takeConnections(server: Server, onConnection: (handle: object) => void): boolean {
  const { _handle: listening } = server as { _handle?: unknown };
  if (typeof listening !== "object" || listening === null) return false;
  if (!("onconnection" in listening) || typeof listening.onconnection !== "function") return false;
  listening.onconnection = (errorNumber: number, handle: unknown): void => {
    // A connection that cannot be accepted (no descriptors left) is lost; the listener stays.
    if (errorNumber === 0 && typeof handle === "object" && handle !== null) onConnection(handle);
  };
  return true;
}
