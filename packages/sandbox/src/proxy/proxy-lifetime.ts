import { Egress } from "./egress.ts";
import { defaultProxyLimits, type ProxyLimits } from "./limits.ts";
import { Listener, type Service } from "./listener.ts";
import { OwnAddressList } from "./own-addresses.ts";
import { OwnListeners } from "./own-listeners.ts";
import type { ProxyOptions } from "./proxy-options.ts";
import { RelayBuffers } from "./relay-buffers.ts";
import { SystemResolver } from "./system-resolver.ts";

/** A listener and the way out behind it, opened and closed together: what the two proxies have in common. */
export class ProxyLifetime implements AsyncDisposable {
  readonly egress: Egress;
  readonly listener: Listener;
  readonly #ownListeners: OwnListeners;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => void this[Symbol.asyncDispose]();

  /**
   * Listens and has clients served by what `createService` makes.
   *
   * @throws {SandboxError} `listen_failed`. Rejects with `signal.reason` when aborted before.
   */
  static async open(
    options: ProxyOptions,
    createService: (egress: Egress, options: ProxyOptions) => Service,
  ): Promise<ProxyLifetime> {
    options.signal?.throwIfAborted();
    const buffers = new RelayBuffers();
    const { ownListeners = new OwnListeners() } = options;
    const egress = createEgress(options, buffers, ownListeners);
    const { maxConnections } = toLimits(options);
    const service = createService(egress, options);
    const listener = await Listener.open({ ...options, maxConnections, buffers }, service).catch((error: unknown) => {
      service.stop();
      throw error;
    });
    const lifetime = new ProxyLifetime(egress, listener, ownListeners, options.signal);
    if (options.signal?.aborted) {
      await lifetime[Symbol.asyncDispose]();
      options.signal.throwIfAborted();
    }
    return lifetime;
  }

  private constructor(egress: Egress, listener: Listener, ownListeners: OwnListeners, signal: AbortSignal | undefined) {
    this.egress = egress;
    this.listener = listener;
    this.#ownListeners = ownListeners;
    ownListeners.add(listener);
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
    this.#ownListeners.delete(this.listener);
  }
}

function createEgress(options: ProxyOptions, buffers: RelayBuffers, ownListeners: OwnListeners): Egress {
  const [system, own] = [new SystemResolver(), new OwnAddressList()];
  return new Egress({
    filter: options.filter,
    resolveHost: options.resolveHost ?? ((name, signal) => system.resolve(name, signal)),
    limits: toLimits(options),
    isOwnListener: (address, port) => ownListeners.has(address, port),
    buffers,
    questions: options.questions ?? null,
    upstream: options.upstream ?? null,
    ownAddresses: () => own.current(),
  });
}

export function toLimits(options: ProxyOptions): ProxyLimits {
  return { ...defaultProxyLimits, ...options.limits };
}
