import { toKnownRoute } from "../route.ts";
import { openTunnel } from "./open-tunnel.ts";
import { repeat } from "./repeat.ts";
import type { StartLoad } from "./window.ts";

/** CONNECT to a host that no rule allows, on a connection of its own: the answer must be 403. */
export const startRefusals: StartLoad = (job, window) => {
  const route = toKnownRoute(job.route, process.env);
  return repeat(job.clients, window, (done) => {
    const socket = openTunnel(route, job.target, {
      onOpen: () => {
        socket.destroy();
        done("the proxy let it through");
      },
      onData: () => undefined,
      onGone: (why) => done(why === "CONNECT was answered 403" ? null : why),
    });
    return socket;
  });
};
