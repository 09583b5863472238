/**
 * Runs once per session inside its new network namespace: listens on that namespace's loopback, hands each listener to its parent
 * over IPC, and leaves when the parent says so or hangs up. Needs nothing but Node, so that it starts quickly.
 */
import { createServer } from "node:net";

const ports = JSON.parse(process.argv[2] ?? "{}") as Record<string, number>; // written by session-namespace.ts
process.once("message", () => process.exit(0));
process.once("disconnect", () => process.exit(0));
for (const [name, port] of Object.entries(ports)) await listen(name, port);
process.send?.({ kind: "ready", pid: process.pid });

function listen(name: string, port: number): Promise<void> {
  return new Promise((resolve) => {
    const server = createServer();
    const fail = (error: Error): void => {
      process.send?.({ kind: "failed", name, message: error.message });
      resolve();
    };
    server.once("error", fail);
    try {
      server.listen({ host: "127.0.0.1", port, exclusive: true }, () => {
        const address = server.address();
        process.send?.(
          { kind: "listening", name, port: typeof address === "object" ? address?.port : port },
          server,
          {},
          () => resolve(),
        );
      });
    } catch (error) {
      fail(error instanceof Error ? error : new Error(String(error))); // a port out of range throws at once
    }
  });
}
