import { Egress } from "./egress.ts";
import { defaultProxyLimits, type ProxyLimits } from "./limits.ts";
import { Listener, type Service } from "./listener.ts";
import { OwnAddressList } from "./own-addresses.ts";
import type { ProxyOptions } from "./proxy-options.ts";
import { RelayBuffers } from "./relay-buffers.ts";
import { SystemResolver } from "./system-resolver.ts";

/** A listener and the way out behind it, opened and closed together: what the two proxies have in common. */
export class ProxyLifetime implements AsyncDisposable {
  readonly egress: Egress;
  readonly listener: Listener;
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
    let listener: Listener | null = null;
    const buffers = new RelayBuffers();
    const egress = createEgress(options, buffers, (address, port) => listener?.isSelf(address, port) ?? false);
    const { maxConnections } = toLimits(options);
    listener = await Listener.open({ ...options, maxConnections, buffers }, createService(egress, options));
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
function createEgress(
  options: ProxyOptions,
  buffers: RelayBuffers,
  isOwnListener: (address: string, port: number) => boolean,
): Egress {
  const [system, own] = [new SystemResolver(), new OwnAddressList()];
  return new Egress({
    filter: options.filter,
    resolveHost: options.resolveHost ?? ((name, signal) => system.resolve(name, signal)),
    limits: toLimits(options),
    isOwnListener,
    buffers,
    questions: options.questions ?? null,
    upstream: options.upstream ?? null,
    ownAddresses: () => own.current(),
  });
}

export function toLimits(options: ProxyOptions): ProxyLimits {
  return { ...defaultProxyLimits, ...options.limits };
}
