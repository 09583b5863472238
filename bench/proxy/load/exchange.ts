import type { Socket } from "node:net";
import type { Job } from "../job.ts";
import { type KnownRoute, toKnownRoute } from "../route.ts";
import { openTunnel } from "./open-tunnel.ts";
import type { RunningLoad, Window } from "./window.ts";

/** Reads one answer; a new one for each request. */
export type ReadAnswer = (bytes: Buffer) => "more" | "done" | "done-and-closing" | { readonly failure: string };

export interface Protocol {
  readonly request: (route: KnownRoute) => string | Uint8Array;
  readonly createReader: () => ReadAnswer;
}

/** Request and answer, again and again, on each of `clients` kept connections. One that ends is opened again. */
export function startExchange(job: Job, window: Window, protocol: Protocol): RunningLoad {
  const route = toKnownRoute(job.route, process.env);
  const request = protocol.request(route);
  const open = new Set<Socket>();
  const stopped = Promise.withResolvers<void>();
  let isStopping = false;
  const settle = (): void => {
    if (isStopping && open.size === 0) stopped.resolve();
  };
  const start = (): void => {
    let startedMs = 0;
    let answers = 0;
    let hasBegun = false;
    let read: ReadAnswer | null = null;
    const leave = (): void => {
      read = null;
      open.delete(socket);
      socket.destroy();
      settle();
    };
    const ask = (): void => {
      if (isStopping) {
        leave();
        return;
      }
      startedMs = performance.now();
      hasBegun = false;
      read = protocol.createReader();
      socket.write(request);
    };
    const socket = openTunnel(route, job.target, {
      onOpen: ask,
      onData: (bytes) => {
        hasBegun = true;
        const outcome = read?.(bytes) ?? { failure: "bytes that nobody asked for" };
        if (outcome === "more") return;
        if (typeof outcome === "object") window.fail(outcome.failure);
        else window.count(startedMs);
        answers += 1;
        if (outcome === "done") {
          ask();
          return;
        }
        leave();
        if (!isStopping) start();
      },
      onGone: (why) => {
        if (!open.delete(socket)) return;
        // A kept connection may be closed between two requests, and the client asks again on another (RFC 9112 §9.3.1).
        const isAskedAgain = answers > 0 && !hasBegun;
        if (read !== null && !isAskedAgain) window.fail(why);
        if (!isStopping && isAskedAgain) start();
        else if (!isStopping) setTimeout(start, 5);
        settle();
      },
    });
    open.add(socket);
  };
  for (let client = 0; client < job.clients; client += 1) start();
  return {
    stop: () => {
      isStopping = true;
      settle();
      return stopped.promise;
    },
    abandon: () => {
      const hung = [...open];
      open.clear();
      for (const socket of hung) socket.destroy();
      return hung.length;
    },
  };
}
