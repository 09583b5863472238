import type { Socket } from "node:net";

/**
 * Keeps a fault in the code of one connection to that connection: its client is cut off, and what hangs on the client
 * goes with it. The serving functions promise not to reject; this is for the day one of them is wrong.
 */
export function containFault(served: Promise<void>, client: Socket): void {
  served.catch(() => {
    client.destroy();
  });
}
