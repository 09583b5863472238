/**
 * Runs inside a session's network namespace while a port is published: connects to that namespace's loopback when its parent asks, and
 * hands the connection over before a byte of it is read. It ends with its parent. Its argument is the time, in milliseconds, after which it gives a
 * connection up: by then its parent has, too. Needs nothing but Node, so that it starts quickly.
 */
import { connect, type Socket } from "node:net";

const limitMs = Number(process.argv[2]);

process.once("disconnect", () => process.exit(0));
process.on("message", ({ id, port }: { readonly id: number; readonly port: number }) => {
  void answer(id, port);
});
process.send?.({ kind: "ready" });

async function answer(id: number, port: number): Promise<void> {
  try {
    const [address, socket] = await dial(port);
    process.send?.({ kind: "connected", id, address }, socket, {}, () => undefined);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    process.send?.({ kind: "failed", id, code }, () => undefined);
  }
}

/** Both addresses together have `limitMs`. */
async function dial(port: number): Promise<[string, Socket]> {
  const signal = AbortSignal.timeout(limitMs);
  try {
    return ["127.0.0.1", await connectTo("127.0.0.1", port, signal)];
  } catch {
    return ["::1", await connectTo("::1", port, signal)];
  }
}

function connectTo(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  if (signal.aborted) return Promise.reject(timeoutError());
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true });
    const onAbort = (): void => void socket.destroy(timeoutError());
    const onError = (error: Error): void => {
      signal.removeEventListener("abort", onAbort);
      reject(error);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    socket.pause(); // or it would begin to read what is not its own
    socket.once("error", onError);
    socket.once("connect", () => {
      signal.removeEventListener("abort", onAbort);
      socket.off("error", onError);
      resolve(socket);
    });
  });
}

function timeoutError(): Error {
  return Object.assign(new Error("no answer in time"), { code: "ETIMEDOUT" });
}
