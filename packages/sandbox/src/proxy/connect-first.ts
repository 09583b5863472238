import { connect, type Socket } from "node:net";

/**
 * Connects to the first address that answers: the next one is tried when one fails, or after 250 ms beside it
 * (Happy Eyeballs, RFC 8305 §5). At least one address is needed.
 *
 * Rejects with the error of the last address, or with `signal.reason`; then no socket is left.
 */
export function connectFirst(options: {
  readonly addresses: readonly string[];
  readonly port: number;
  readonly signal: AbortSignal;
}): Promise<{ readonly socket: Socket; readonly address: string }> {
  const { addresses, port, signal } = options;
  return new Promise((resolve, reject) => {
    const pending = new Set<Socket>();
    let next = 0;
    let timer: NodeJS.Timeout | undefined;

    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      for (const socket of pending) socket.destroy();
      pending.clear();
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
      const socket = connect({ host: address, port, allowHalfOpen: true, noDelay: true });
      pending.add(socket);
      socket.once("connect", () => {
        pending.delete(socket);
        settle();
        resolve({ socket, address });
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
