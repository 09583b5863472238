import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { SandboxError } from "../errors.ts";

/**
 * A port of `host` that nobody listens on now; a given one comes back when it is free. Somebody else may take it
 * before it is used: no system reserves a port for another program.
 *
 * @throws {SandboxError} `external_proxy_failed` when the port is taken or the address is not this machine's.
 */
export async function findFreePort(host: string, port: number): Promise<number> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, "listening");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SandboxError("external_proxy_failed", `no proxy can listen on ${host}:${port}: ${why}`, { cause });
  }
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : port;
}

/** True as soon as a connection is accepted; false when that takes too long or `hasEnded`. */
export async function untilAccepting(options: {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly hasEnded: () => boolean;
}): Promise<boolean> {
  const endMs = performance.now() + options.timeoutMs;
  while (!options.hasEnded()) {
    const leftMs = endMs - performance.now();
    if (leftMs <= 0) return false;
    if (await accepts(options, leftMs)) return !options.hasEnded();
    await sleep(Math.min(pollMs, Math.max(leftMs, 0)));
  }
  return false;
}

/** Ends the connection properly where it can: a reset is a fault that a simple program may not survive. */
function accepts(place: { readonly host: string; readonly port: number }, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: place.host, port: place.port });
    let isAccepted = false;
    let timer = setTimeout(() => socket.destroy(), timeoutMs);
    socket.once("connect", () => {
      isAccepted = true;
      clearTimeout(timer);
      timer = setTimeout(() => socket.destroy(), lingerMs);
      socket.resume().end();
    });
    // `close` follows.
    socket.on("error", () => undefined);
    socket.once("close", () => {
      clearTimeout(timer);
      resolve(isAccepted);
    });
  });
}

const pollMs = 25;
const lingerMs = 100;
