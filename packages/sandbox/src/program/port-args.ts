import { type Command, InvalidArgumentError } from "commander";
import { SandboxError } from "../errors.ts";
import type { PortHandle } from "../ports/port-handle.ts";
import { checkPortMapping, type PortMapping, parsePortMapping } from "../ports/port-mapping.ts";

export interface PortFlags {
  readonly hostPort: readonly PortMapping[];
  readonly publish: readonly PortMapping[];
}

/** `--host-port` and `--publish`. Both name this machine's port first. */
export function addPortFlags(command: Command): Command {
  return command
    .option(
      "--host-port <port>",
      "a port of this machine that it finds at its own 127.0.0.1, as PORT or HOST:SANDBOX; may be repeated",
      collect("host-port"),
      [],
    )
    .option(
      "--publish <port>",
      "a port of its own that this machine finds at 127.0.0.1, as PORT or HOST:SANDBOX; HOST 0 is any free one; may be repeated",
      collect("publish"),
      [],
    );
}

/** As `openSandbox` takes them. */
export function readPorts(flags: PortFlags): {
  readonly hostPorts: readonly PortMapping[];
  readonly publishedPorts: readonly PortMapping[];
} {
  return { hostPorts: flags.hostPort, publishedPorts: flags.publish };
}

/** Published ports whose number on this machine was left open: what it is should be said. */
export function chosenPorts(flags: PortFlags, { ports }: { readonly ports: readonly PortHandle[] }): PortHandle[] {
  const isLeftOpen = (sandboxPort: number): boolean =>
    flags.publish.some((asked) => asked.hostPort === 0 && asked.sandboxPort === sandboxPort);
  return ports.filter(({ kind, sandboxPort }) => kind === "publish" && isLeftOpen(sandboxPort));
}

function collect(kind: PortHandle["kind"]) {
  return (text: string, earlier: readonly PortMapping[]): readonly PortMapping[] => {
    try {
      const mapping = parsePortMapping(text);
      checkPortMapping(kind, mapping);
      return [...earlier, mapping];
    } catch (error) {
      if (error instanceof SandboxError) throw new InvalidArgumentError(error.message);
      throw error;
    }
  };
}
