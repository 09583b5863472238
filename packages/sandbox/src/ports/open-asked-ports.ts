import { SandboxError } from "../errors.ts";
import type { SandboxWarning } from "../sandbox.ts";
import type { PortHandle } from "./port-handle.ts";
import { checkPortMapping, type PortMapping } from "./port-mapping.ts";
import type { SessionPorts } from "./session-ports.ts";

/**
 * Opens the ports that a sandbox is opened with. One that cannot be opened becomes a warning: nothing is more open than was asked for.
 *
 * @throws {SandboxError} `bad_port` when a number is no port, before any is opened.
 */
export async function openAskedPorts(
  ports: SessionPorts,
  asked: {
    readonly hostPorts?: readonly PortMapping[] | undefined;
    readonly publishedPorts?: readonly PortMapping[] | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<readonly SandboxWarning[]> {
  const { hostPorts = [], publishedPorts = [], signal } = asked;
  for (const mapping of hostPorts) checkPortMapping("host-port", mapping);
  for (const mapping of publishedPorts) checkPortMapping("publish", mapping);
  const opened = await Promise.all([
    ...hostPorts.map(({ hostPort, sandboxPort }) => attempt(ports.openHostPort(hostPort, { sandboxPort, signal }))),
    ...publishedPorts.map(({ hostPort, sandboxPort }) => attempt(ports.publishPort(hostPort, { sandboxPort, signal }))),
  ]);
  return opened.filter((warning) => warning !== null);
}

async function attempt(opening: Promise<PortHandle>): Promise<SandboxWarning | null> {
  try {
    await opening;
    return null;
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error; // aborted
    return { code: "port_unavailable", message: error.message };
  }
}
