import { SandboxError } from "../errors.ts";

/** A port of this machine's loopback and one of a sandbox's own loopback that are joined. */
export interface PortMapping {
  /** For a published port, 0 is any free one. */
  readonly hostPort: number;
  readonly sandboxPort: number;
}

/**
 * Parses `PORT` or `HOST:SANDBOX`, in that order whichever way connections go. A single port is the same on both sides.
 *
 * @throws {SandboxError} `bad_port`
 */
export function parsePortMapping(text: string): PortMapping {
  const match = /^(\d{1,5})(?::(\d{1,5}))?$/.exec(text);
  if (!match) {
    throw new SandboxError("bad_port", `not a port, or two as HOST:SANDBOX: ${JSON.stringify(text)}`);
  }
  const [, hostPort, sandboxPort = hostPort] = match;
  return { hostPort: Number(hostPort), sandboxPort: Number(sandboxPort) };
}

/** @throws {SandboxError} `bad_port` when a number is no port; only a published port may leave the host's open with 0. */
export function checkPortMapping(kind: "host-port" | "publish", { hostPort, sandboxPort }: PortMapping): void {
  const first = kind === "publish" ? 0 : 1;
  checkPort(hostPort, first, "this machine's port");
  checkPort(sandboxPort, 1, "the sandbox's port");
}

function checkPort(port: number, first: number, what: string): void {
  if (Number.isInteger(port) && port >= first && port <= 65_535) return;
  throw new SandboxError(
    "bad_port",
    `${what} must be a whole number from ${first} to 65535, not ${JSON.stringify(port)}`,
  );
}
