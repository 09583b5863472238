import { SandboxError } from "../errors.ts";
import type { SessionNamespace } from "../linux/session-namespace.ts";
import type { NamespaceListener } from "../linux/talk-to-helper.ts";
import { createNextId } from "../proxy/connection-log.ts";
import { defaultProxyLimits } from "../proxy/limits.ts";
import { Listener, type ListenOptions } from "../proxy/listener.ts";
import type { ConnectionListener } from "../proxy/proxy-handle.ts";
import { RelayBuffers } from "../proxy/relay-buffers.ts";
import type { ConnectionOwners } from "./connection-owners.ts";
import { dialHost } from "./dial-host.ts";
import { InsideDialler } from "./inside-dialler.ts";
import { toListenError } from "./listen-error.ts";
import { OpenPort } from "./open-port.ts";
import type { PortHandle, PortOptions } from "./port-handle.ts";
import { checkPortMapping, type PortMapping } from "./port-mapping.ts";
import { PortRelay, type PortRelayOptions } from "./port-relay.ts";

export interface SessionPortsOptions {
  /** Null without confinement: commands then share this machine's loopback, and there is nothing to open. */
  readonly namespace: SessionNamespace | null;
  readonly owners: ConnectionOwners;
  /** Ports inside that are Koda's own: the proxies'. */
  readonly ownPorts: readonly number[];
}

/** The ports that are open between this machine and one sandbox. Disposing closes all. */
export class SessionPorts implements AsyncDisposable {
  readonly #options: SessionPortsOptions;
  readonly #buffers = new RelayBuffers();
  readonly #nextId = createNextId();
  readonly #listeners = new Set<ConnectionListener>();
  readonly #open = new Set<OpenPort>();
  /** Open, or being opened: what later ones are checked against. */
  readonly #claims = new Set<Claim>();
  readonly #opening = new Set<Promise<unknown>>();
  readonly #dialler: InsideDialler | null;
  #isClosed = false;

  constructor(options: SessionPortsOptions) {
    this.#options = options;
    const { namespace } = options;
    this.#dialler = namespace && new InsideDialler({ startHelper: namespace.startHelper, buffers: this.#buffers });
  }

  /** Those that are open, oldest first. */
  get handles(): readonly PortHandle[] {
    return [...this.#open];
  }

  /** Connections of all ports, also of those that are opened later. */
  subscribe(listener: ConnectionListener): () => void {
    const own: ConnectionListener = (event) => listener(event);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  /** See `Sandbox.openHostPort`. */
  openHostPort(hostPort: number, options: PortOptions): Promise<PortHandle> {
    return this.#openPort("host-port", { hostPort, sandboxPort: options.sandboxPort ?? hostPort }, options.signal);
  }

  /** See `Sandbox.publishPort`. */
  publishPort(hostPort: number, options: PortOptions): Promise<PortHandle> {
    return this.#openPort("publish", { hostPort, sandboxPort: options.sandboxPort ?? hostPort }, options.signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#opening);
    await Promise.all([...this.#open].map((port) => port[Symbol.asyncDispose]()));
    await this.#dialler?.[Symbol.asyncDispose]();
  }

  async #openPort(
    kind: PortHandle["kind"],
    mapping: PortMapping,
    signal: AbortSignal | undefined,
  ): Promise<PortHandle> {
    signal?.throwIfAborted();
    const namespace = this.#check(kind, mapping);
    const claim = { kind, ...mapping };
    this.#claims.add(claim);
    const opening = kind === "publish" ? this.#publish(claim) : this.#openInside(namespace, claim, signal);
    this.#opening.add(opening);
    try {
      const port = await opening;
      this.#open.add(port);
      return port;
    } catch (error) {
      this.#claims.delete(claim);
      throw error;
    } finally {
      this.#opening.delete(opening);
    }
  }

  /** @throws {SandboxError} `bad_port`, `unsupported_platform` */
  #check(kind: PortHandle["kind"], mapping: PortMapping): SessionNamespace {
    checkPortMapping(kind, mapping);
    const { namespace, ownPorts } = this.#options;
    const { hostPort, sandboxPort } = mapping;
    if (this.#isClosed) throw new SandboxError("listen_failed", "the sandbox is closed");
    if (namespace === null) {
      const why = "commands are not confined and share this machine's loopback, where every port is reached as it is";
      throw new SandboxError("unsupported_platform", `${describe(kind, mapping)} opens nothing: ${why}`);
    }
    if (ownPorts.includes(sandboxPort)) {
      throw new SandboxError("bad_port", `port ${sandboxPort} of the sandbox is one of Koda's own proxies`);
    }
    // It would make a way from the sandbox through this machine back into the sandbox, which may have no end.
    const other = [...this.#claims, ...this.#open].find((claim) => claim.kind !== kind && claim.hostPort === hostPort);
    if (other !== undefined) {
      const what = describe(other.kind, other);
      throw new SandboxError("bad_port", `port ${hostPort} of this machine is in use for ${what}`);
    }
    return namespace;
  }

  async #openInside(namespace: SessionNamespace, claim: Claim, signal: AbortSignal | undefined): Promise<OpenPort> {
    const { hostPort, sandboxPort } = claim;
    const places = ["127.0.0.1", "::1"].map((host) => ({ host, port: sandboxPort }));
    const [ipv4, ipv6] = await namespace.listen(places, signal);
    using stack = new DisposableStack(); // closes what listens if a later step throws
    for (const each of [ipv4, ipv6]) if (each?.kind === "listening") stack.defer(() => each.server.close());
    const needed = [ipv4, ...(isMissing(ipv6) ? [] : [ipv6])];
    const servers = needed.map((each) => {
      if (each?.kind === "listening") return each.server;
      throw toListenError({ port: sandboxPort, side: "the sandbox", code: each?.code ?? "", cause: each?.message });
    });
    const relay = this.#createRelay("host-port", claim, {
      port: hostPort,
      findClient: (client) => this.#options.owners.ownerOf(client),
      dial: (until) => dialHost(hostPort, this.#buffers, until),
    });
    const listeners = await Promise.all(servers.map((server) => this.#listen({ server }, relay)));
    stack.move();
    return this.#toPort(claim, claim, { relay, listeners });
  }

  async #publish(claim: Claim): Promise<OpenPort> {
    const { hostPort, sandboxPort } = claim;
    const dialler = this.#dialler;
    if (dialler === null) throw new SandboxError("unsupported_platform", "no namespace to publish from"); // checked
    const relay = this.#createRelay("publish", claim, {
      port: sandboxPort,
      findClient: () => this.#options.owners.listenerOf(sandboxPort),
      dial: (signal) => dialler.dial(sandboxPort, signal),
    });
    const listening = this.#listen({ host: "127.0.0.1", port: hostPort }, relay).catch((error: unknown) => {
      throw toListenError({ port: hostPort, side: "this machine", ...toCause(error) });
    });
    const [opened] = await Promise.allSettled([listening, dialler.start()]);
    if (opened.status === "rejected") {
      await this.#stopIdleDialler();
      throw opened.reason;
    }
    const listener = opened.value;
    return this.#toPort(claim, { hostPort: listener.port, sandboxPort }, { relay, listeners: [listener] });
  }

  #listen(place: ListenOptions, relay: PortRelay): Promise<Listener> {
    const { maxConnections } = defaultProxyLimits;
    return Listener.open({ ...place, maxConnections, buffers: this.#buffers }, relay);
  }

  #createRelay(
    protocol: PortHandle["kind"],
    mapping: PortMapping,
    options: Pick<PortRelayOptions, "port" | "findClient" | "dial">,
  ): PortRelay {
    const [buffers, nextId, limits] = [this.#buffers, this.#nextId, defaultProxyLimits];
    const relay = new PortRelay({ ...options, protocol, rule: describe(protocol, mapping), buffers, nextId, limits });
    relay.log.subscribe((event) => {
      for (const listener of this.#listeners) {
        try {
          listener(event);
        } catch {
          // The fault is the listener's own; the others shall hear of it all the same.
        }
      }
    });
    return relay;
  }

  #toPort(
    claim: Claim,
    mapping: PortMapping,
    parts: { readonly relay: PortRelay; readonly listeners: readonly Listener[] },
  ): OpenPort {
    const port: OpenPort = new OpenPort(claim.kind, mapping, {
      ...parts,
      onClosed: async () => {
        this.#open.delete(port);
        this.#claims.delete(claim);
        await this.#stopIdleDialler();
      },
    });
    return port;
  }

  async #stopIdleDialler(): Promise<void> {
    if (![...this.#open].some((port) => port.kind === "publish")) await this.#dialler?.stop();
  }
}

interface Claim extends PortMapping {
  readonly kind: PortHandle["kind"];
}

function describe(kind: PortHandle["kind"], { hostPort, sandboxPort }: PortMapping): string {
  return `--${kind} ${hostPort}:${sandboxPort}`;
}

/** A machine without IPv6 has no `::1`; nobody will look for the port there. */
function isMissing(listener: NamespaceListener | undefined): boolean {
  return listener?.kind === "failed" && ["EADDRNOTAVAIL", "EAFNOSUPPORT"].includes(listener.code);
}

function toCause(error: unknown): { readonly code: string; readonly cause: unknown } {
  const cause = error instanceof SandboxError ? error.cause : error;
  return { code: cause instanceof Error && "code" in cause ? String(cause.code) : "", cause };
}
