import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { toKnownRoute } from "../route.ts";
import { HELLO, toFailure } from "./client-hello.ts";
import { openTunnel } from "./open-tunnel.ts";
import type { StartLoad } from "./window.ts";

/** While nothing happens: measure.ts looks at the proxy's memory. */
export const IDLE_MS = 800;
const OPENED_AT_ONCE = 25;

/** `clients` tunnels before the window and as many more in it, so that what differs is what tunnels cost. */
export const startIdle: StartLoad = (job, window) => {
  const route = toKnownRoute(job.route, process.env);
  const sockets: Socket[] = [];
  let isStopping = false;
  const open = (): Promise<void> =>
    new Promise((resolve) => {
      const socket = openTunnel(route, job.target, {
        onOpen: (opened) => opened.write(HELLO),
        onData: (bytes) => {
          const failure = toFailure(bytes);
          if (failure !== null) window.fail(failure);
          resolve();
        },
        onGone: (why) => {
          if (!isStopping) window.fail(why);
          resolve();
        },
      });
      sockets.push(socket);
    });
  const openAll = async (): Promise<void> => {
    for (let count = 0; count < job.clients; count += OPENED_AT_ONCE) {
      await Promise.all(Array.from({ length: Math.min(OPENED_AT_ONCE, job.clients - count) }, open));
    }
    await sleep(IDLE_MS / 2);
  };
  return {
    warm: openAll,
    during: async () => {
      await sleep(IDLE_MS);
      await openAll();
    },
    stop: async () => {
      await sleep(IDLE_MS);
      isStopping = true;
      for (const socket of sockets) socket.destroy();
    },
    abandon: () => 0,
  };
};
