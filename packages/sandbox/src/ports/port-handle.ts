import type { ProxyStats } from "../proxy/proxy-handle.ts";
import type { PortMapping } from "./port-mapping.ts";

/** A port that is open between this machine and a sandbox. Disposing closes it and its connections, and waits until they are gone. */
export interface PortHandle extends PortMapping, AsyncDisposable {
  /** `host-port`: commands reach a port of this machine. `publish`: this machine reaches a port of the sandbox. */
  readonly kind: "host-port" | "publish";
  stats(): ProxyStats;
}

export interface PortOptions {
  /** The port inside the sandbox. Absent: the same number as outside. */
  readonly sandboxPort?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}
