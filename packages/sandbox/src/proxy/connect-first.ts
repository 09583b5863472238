import { Socket } from "node:net";

export interface Place {
  /** An IP address. */
  readonly host: string;
  readonly port: number;
}

/**
 * Connects to the first address that answers: the next one is tried when one fails, or after 250 ms beside it
 * (Happy Eyeballs, RFC 8305 §5). At least one address is needed.
 *
 * Rejects with the error of the last address, or with `signal.reason`; then no socket is left.
 */
export function connectFirst<Connection extends Socket | { readonly socket: Socket }>(options: {
  readonly addresses: readonly string[];
  readonly port: number;
  /** Begins to connect. */
  readonly open: (place: Place) => Connection;
  readonly signal: AbortSignal;
}): Promise<{ readonly connection: Connection; readonly address: string }> {
  const { addresses, port, open, signal } = options;
  return new Promise((resolve, reject) => {
    const pending = new Set<Socket>();
    let next = 0;
    let timer: NodeJS.Timeout | undefined;

    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      for (const socket of pending) socket.destroy();
    };
    const onAbort = (): void => {
      settle();
      reject(signal.reason);
    };
    const startNext = (): void => {
      clearTimeout(timer);
      const address = addresses[next];
      if (address === undefined) return;
      next += 1;
      const connection = open({ host: address, port });
      const socket = connection instanceof Socket ? connection : connection.socket;
      pending.add(socket);
      socket.on("connect", () => {
        pending.delete(socket);
        settle();
        resolve({ connection, address });
      });
      // Stays for the life of the socket: its owner learns of a failure from `close`, which always follows.
      socket.on("error", (error) => {
        if (!pending.delete(socket)) return;
        if (next < addresses.length) startNext();
        else if (pending.size === 0) {
          settle();
          reject(error);
        }
      });
      if (next < addresses.length) timer = setTimeout(startNext, attemptDelayMs);
    };

    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
    else startNext();
  });
}

/** The delay that RFC 8305 §8 recommends. */
const attemptDelayMs = 250;
