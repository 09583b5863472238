/**
 * Runs inside a session's network namespace while a port is published: connects to that namespace's loopback when its parent asks, and
 * hands the connection over before a byte of it is read. It ends with its parent. Needs nothing but Node, so that it starts quickly.
 */
import { connect, type Socket } from "node:net";

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

async function dial(port: number): Promise<[string, Socket]> {
  try {
    return ["127.0.0.1", await connectTo("127.0.0.1", port)];
  } catch {
    return ["::1", await connectTo("::1", port)];
  }
}

function connectTo(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true });
    socket.pause(); // or it would begin to read what is not its own
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
    socket.once("error", reject);
  });
}
