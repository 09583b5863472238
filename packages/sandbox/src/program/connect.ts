import { closeSync, openSync } from "node:fs";
import { Socket } from "node:net";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { SandboxError } from "../errors.ts";
import { parseHost, type Target } from "../filter/target.ts";
import { connectThrough } from "../proxy/connect-through.ts";
import { proxyFromEnv } from "../proxy/proxy-from-env.ts";
import type { UpstreamProxy } from "../proxy/upstream/upstream.ts";

const USAGE = `koda-sandbox connect HOST PORT

Connects stdin and stdout to HOST:PORT through the proxy that HTTPS_PROXY or ALL_PROXY names, with its credentials.
For ssh: ssh -o ProxyCommand='koda-sandbox connect %h %p' HOST
`;
const STDOUT = 1;
const TIMEOUT_MS = 90_000; // longer than the proxy may ask about a host (60 s) and dial (10 s): it says what came of that

/**
 * `koda-sandbox connect`: a host's connection on stdin and stdout, for programs that take such a command, like ssh.
 * The end of either direction is passed on by itself. Status 0: both ended. 1: refused, failed or broken off, with one
 * line on stderr that says who refused and how to allow it. 2: wrong use.
 */
export async function runConnect(args: readonly string[]): Promise<number> {
  const target = parseTarget(args);
  if (typeof target === "string") {
    process.stderr.write(`${target && `koda-sandbox: ${target}\n`}${USAGE}`);
    return 2;
  }
  const fail = (reason: string): number => {
    process.stderr.write(`koda-sandbox: no connection to ${target.host} port ${target.port}: ${reason}\n`);
    return 1;
  };
  const proxy = readProxy();
  if (typeof proxy === "string") return fail(proxy);
  const outcome = await connectThrough({ proxy, target, timeoutMs: TIMEOUT_MS });
  if (outcome.kind === "failed") return fail(outcome.reason);
  return (await relay(outcome.socket)) ? 0 : fail("it broke off");
}

/** What to print instead of a target, for all that is none. */
function parseTarget(args: readonly string[]): Target | string {
  const [host = "", port = ""] = args;
  if (args.length !== 2 || host.startsWith("-")) return "";
  return orMessage(() => parseHost(host, /^[0-9]{1,5}$/.test(port) ? Number(port) : 0));
}

function readProxy(): UpstreamProxy | string {
  return orMessage(() => proxyFromEnv(process.env) ?? "neither ALL_PROXY nor HTTPS_PROXY names a proxy");
}

function orMessage<Value>(read: () => Value): Value | string {
  try {
    return read();
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
