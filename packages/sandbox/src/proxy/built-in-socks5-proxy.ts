import { createServer, type Server } from "node:net";
import type { Filter } from "../filter/filter.ts";
import { containFault } from "./contain-fault.ts";
import type { Egress } from "./egress.ts";
import type { ConnectionEvent, ConnectionListener, ProxyHandle, ProxyStats } from "./proxy-handle.ts";
import { createEgress, ProxyLifetime, toLimits } from "./proxy-lifetime.ts";
import type { ProxyOptions } from "./proxy-options.ts";
import { serveSocks5 } from "./socks5-session.ts";
import { toUrl } from "./to-url.ts";

/** A filtering SOCKS5 proxy (RFC 1928, RFC 1929): CONNECT to names, IPv4 and IPv6. */
export class BuiltInSocks5Proxy implements ProxyHandle {
  readonly protocol = "socks5";
  readonly #lifetime: ProxyLifetime;

  /** @throws {SandboxError} `listen_failed`. Rejects with `signal.reason` when aborted before it listens. */
  static async open(options: ProxyOptions): Promise<BuiltInSocks5Proxy> {
    let lifetime: ProxyLifetime | null = null;
    const egress = createEgress(options, (address, port) => lifetime?.listener.isSelf(address, port) ?? false);
    lifetime = await ProxyLifetime.open(createSocksServer(egress, options), egress, options);
    return new BuiltInSocks5Proxy(lifetime);
  }

  private constructor(lifetime: ProxyLifetime) {
    this.#lifetime = lifetime;
  }

  get host(): string {
    return this.#lifetime.listener.host;
  }

  get port(): number {
    return this.#lifetime.listener.port;
  }

  get url(): string {
    return toUrl("socks5h", this);
  }

  stats(): ProxyStats {
    return this.#lifetime.egress.log.stats();
  }

  recentEvents(): readonly ConnectionEvent[] {
    return this.#lifetime.egress.log.recentEvents();
  }

  subscribe(listener: ConnectionListener): () => void {
    return this.#lifetime.egress.log.subscribe(listener);
  }

  setFilter(filter: Filter): void {
    this.#lifetime.egress.setFilter(filter);
  }

  /** Accepts nothing more, lets what is open finish for up to `graceMs`, then disposes. */
  drain(graceMs: number): Promise<void> {
    return this.#lifetime.drain(graceMs);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#lifetime[Symbol.asyncDispose]();
  }
}

function createSocksServer(egress: Egress, options: ProxyOptions): Server {
  const { authentication, clients } = options;
  const { handshakeTimeoutMs, maxConnections } = toLimits(options);
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    containFault(serveSocks5({ client, egress, authentication, clients, handshakeTimeoutMs }), client);
  });
  server.maxConnections = maxConnections;
  return server;
}
