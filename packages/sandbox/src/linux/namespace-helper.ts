/**
 * Runs for a moment inside a session's network namespace: listens on that namespace's loopback, hands each listener to its parent
 * over IPC, and leaves when the parent says so or hangs up. Needs nothing but Node, so that it starts quickly.
 */
import { createServer } from "node:net";
import type { ListenPlace } from "./talk-to-helper.ts";

const places = JSON.parse(process.argv[2] ?? "{}") as Record<string, ListenPlace>; // written by its parent
process.once("message", () => process.exit(0));
process.once("disconnect", () => process.exit(0));
// Node tells of no hang-up that happened before this line, or while a listener was on its way.
setInterval(() => process.connected || process.exit(0), 20);
for (const [name, place] of Object.entries(places)) await listen(name, place);
process.send?.({ kind: "ready", pid: process.pid });

function listen(name: string, { host, port }: ListenPlace): Promise<void> {
  return new Promise((resolve) => {
    const server = createServer();
    const fail = (error: NodeJS.ErrnoException): void => {
      process.send?.({ kind: "failed", name, code: error.code ?? "", message: error.message });
      resolve();
    };
    server.once("error", fail);
    try {
      server.listen({ host, port, exclusive: true }, () => {
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
