import { toKnownRoute } from "../route.ts";
import { HELLO, toFailure } from "./client-hello.ts";
import { openTunnel } from "./open-tunnel.ts";
import { repeat } from "./repeat.ts";
import type { StartLoad } from "./window.ts";

/** Set-up as a TLS client sees it: connect, handshake with the proxy, ClientHello there, first byte back. */
export const startTunnels: StartLoad = (job, window) => {
  const route = toKnownRoute(job.route, process.env);
  return repeat(job.clients, window, (done) => {
    const socket = openTunnel(route, job.target, {
      onOpen: (opened) => opened.write(HELLO),
      onData: (bytes) => {
        socket.destroy();
        done(toFailure(bytes));
      },
      onGone: done,
    });
    return socket;
  });
};
