import type { Filter } from "../filter/filter.ts";
import type { ConnectionEvent, ConnectionListener, FilteringProxyHandle, ProxyStats } from "./proxy-handle.ts";
import type { ProxyLifetime } from "./proxy-lifetime.ts";
import { toUrl } from "./to-url.ts";

/** A handle on a listener and the way out behind it; the protocol is the subclass's. */
export abstract class FilteringProxy implements FilteringProxyHandle {
  abstract readonly protocol: FilteringProxyHandle["protocol"];
  readonly #lifetime: ProxyLifetime;

  protected constructor(lifetime: ProxyLifetime) {
    this.#lifetime = lifetime;
  }

  get host(): string {
    return this.#lifetime.listener.host;
  }

  get port(): number {
    return this.#lifetime.listener.port;
  }

  get url(): string {
    return toUrl(this.protocol === "http" ? "http" : "socks5h", this);
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

  setRules(filter: Filter): void {
    this.#lifetime.egress.setRules(filter);
  }

  /** Accepts nothing more, lets what is open finish for up to `graceMs`, then disposes. */
  drain(graceMs: number): Promise<void> {
    return this.#lifetime.drain(graceMs);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#lifetime[Symbol.asyncDispose]();
  }
}
