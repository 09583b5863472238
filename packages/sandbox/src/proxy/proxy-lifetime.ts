import type { Server } from "node:net";
import { Egress } from "./egress.ts";
import { defaultProxyLimits, type ProxyLimits } from "./limits.ts";
import { Listener } from "./listener.ts";
import { OwnAddressList } from "./own-addresses.ts";
import type { ProxyOptions } from "./proxy-options.ts";
import { SystemResolver } from "./system-resolver.ts";

/** A listener and the way out behind it, opened and closed together: what the two proxies have in common. */
export class ProxyLifetime implements AsyncDisposable {
  readonly egress: Egress;
  readonly listener: Listener;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => void this[Symbol.asyncDispose]();

  /**
   * Listens with the server that `createServer` makes; its handlers may use the egress from the first connection on.
   *
   * @throws {SandboxError} `listen_failed`. Rejects with `signal.reason` when aborted before.
   */
  static async open(
    options: ProxyOptions,
    createServer: (egress: Egress, options: ProxyOptions) => Server,
  ): Promise<ProxyLifetime> {
    options.signal?.throwIfAborted();
    let listener: Listener | null = null;
    const egress = createEgress(options, (address, port) => listener?.isSelf(address, port) ?? false);
    listener = await Listener.open(createServer(egress, options), options);
    const lifetime = new ProxyLifetime(egress, listener, options.signal);
    if (options.signal?.aborted) {
      await lifetime[Symbol.asyncDispose]();
      options.signal.throwIfAborted();
    }
    return lifetime;
  }

  private constructor(egress: Egress, listener: Listener, signal: AbortSignal | undefined) {
    this.egress = egress;
    this.listener = listener;
    this.#signal = signal;
    signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Lets the clients that are here finish for up to `graceMs`, then disposes. */
  async drain(graceMs: number): Promise<void> {
    const timer = setTimeout(() => void this[Symbol.asyncDispose](), graceMs);
    await this.listener.stop();
    clearTimeout(timer);
    await this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    const closed = this.listener[Symbol.asyncDispose]();
    await this.egress.closeAll();
    await closed;
  }
}

/** `isOwnListener` is asked only after the listener is there. */
function createEgress(options: ProxyOptions, isOwnListener: (address: string, port: number) => boolean): Egress {
  const [system, own] = [new SystemResolver(), new OwnAddressList()];
  return new Egress({
    filter: options.filter,
    resolveHost: options.resolveHost ?? ((name, signal) => system.resolve(name, signal)),
    limits: toLimits(options),
    isOwnListener,
    upstream: options.upstream ?? null,
    ownAddresses: () => own.current(),
  });
}

export function toLimits(options: ProxyOptions): ProxyLimits {
  return { ...defaultProxyLimits, ...options.limits };
}
