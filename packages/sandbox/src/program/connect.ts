import { closeSync, openSync } from "node:fs";
import { Socket } from "node:net";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { SandboxError } from "../errors.ts";
import { connectThrough } from "../proxy/connect-through.ts";
import { type NamedProxy, proxyFromEnv } from "../proxy/proxy-from-env.ts";

const USAGE = `koda-sandbox connect HOST PORT

Connects stdin and stdout to HOST:PORT through the proxy that ALL_PROXY or HTTPS_PROXY names, with its credentials.
For ssh: ssh -o ProxyCommand='koda-sandbox connect %h %p' HOST
`;
const STDOUT = 1;
const TIMEOUT_MS = 60_000; // the proxy has shorter limits of its own, and says which one was met

/**
 * `koda-sandbox connect`: a host's connection on stdin and stdout, for programs that take such a command, like ssh.
 * The end of either direction is passed on by itself. Status 0: both ended. 1: refused, failed or broken off, with one
 * line on stderr that says who refused and how to allow it. 2: wrong use.
 */
export async function runConnect(args: readonly string[]): Promise<number> {
  const target = parseTarget(args);
  if (target === null) {
    process.stderr.write(USAGE);
    return 2;
  }
  const fail = (reason: string): number => {
    process.stderr.write(`koda-sandbox: no connection to ${target.host} port ${target.port}: ${reason}\n`);
    return 1;
  };
  const proxy = readProxy();
  if (typeof proxy === "string") return fail(proxy);
  const outcome = await connectThrough({ proxy, ...target, timeoutMs: TIMEOUT_MS });
  if (outcome.kind === "failed") return fail(outcome.reason);
  return (await relay(outcome.socket)) ? 0 : fail("it broke off");
}

function parseTarget(args: readonly string[]): { readonly host: string; readonly port: number } | null {
  const [host = "", digits = ""] = args;
  const port = /^[0-9]{1,5}$/.test(digits) ? Number(digits) : 0;
  // The proxy judges the name. Here it must only be unable to be anything else than a name or an address.
  const isHost = /^[A-Za-z0-9._:-]{1,255}$/.test(host) && !host.startsWith("-");
  return args.length === 2 && isHost && port >= 1 && port <= 65535 ? { host, port } : null;
}

function readProxy(): NamedProxy | string {
  try {
    return proxyFromEnv(process.env) ?? "neither ALL_PROXY nor HTTPS_PROXY names a proxy";
  } catch (error) {
    if (error instanceof SandboxError) return error.message;
    throw error;
  }
}

/** True when both directions came to their end, or the reader of stdout is gone and nobody is left to tell. */
async function relay(socket: Socket): Promise<boolean> {
  const output = openOutput();
  const up = pipeline(process.stdin, socket).catch(() => undefined); // a broken socket shows in the other direction
  const isWhole = await pipeline(socket, output).then(
    () => true,
    () => isReaderGone(output.errored),
  );
  if (isWhole) await up;
  socket.destroy();
  process.stdin.destroy();
  return isWhole;
}

/** Unlike `process.stdout`, a stream that closes stdout when it ends: the reader sees the host's end while it still sends. */
function openOutput(): Writable {
  try {
    return new Socket({ fd: STDOUT, readable: false, writable: true }).once("close", closeStdout);
  } catch {
    return process.stdout; // a file or a terminal: nobody waits for its end
  }
}

/** libuv leaves the three standard descriptors open; something must take the number, or the next socket would. */
function closeStdout(): void {
  closeSync(STDOUT);
  openSync("/dev/null", "w");
}

function isReaderGone(error: NodeJS.ErrnoException | null): boolean {
  return error?.code === "EPIPE" || error?.code === "ECONNRESET";
}
