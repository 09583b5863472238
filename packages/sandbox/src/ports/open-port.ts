import type { Listener } from "../proxy/listener.ts";
import type { ProxyStats } from "../proxy/proxy-handle.ts";
import type { PortHandle } from "./port-handle.ts";
import type { PortMapping } from "./port-mapping.ts";
import type { PortRelay } from "./port-relay.ts";

export interface OpenPortParts {
  readonly relay: PortRelay;
  readonly listeners: readonly Listener[];
  /** Called once, when the port and its connections are gone. */
  readonly onClosed: () => Promise<void>;
}

/** A port's listeners and connections, opened and closed together. */
export class OpenPort implements PortHandle {
  readonly kind: PortHandle["kind"];
  readonly hostPort: number;
  readonly sandboxPort: number;
  readonly #parts: OpenPortParts;
  #closing: Promise<void> | null = null;

  constructor(kind: PortHandle["kind"], { hostPort, sandboxPort }: PortMapping, parts: OpenPortParts) {
    this.kind = kind;
    this.hostPort = hostPort;
    this.sandboxPort = sandboxPort;
    this.#parts = parts;
  }

  stats(): ProxyStats {
    return this.#parts.relay.log.stats();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { relay, listeners, onClosed } = this.#parts;
    const closed = listeners.map((listener) => listener[Symbol.asyncDispose]());
    await relay.closeAll();
    await Promise.all(closed);
    await onClosed();
  }
}
