import type { Socket } from "node:net";
import { ConnectionLog, type NextId } from "../proxy/connection-log.ts";
import { containFault } from "../proxy/contain-fault.ts";
import { EgressConnection } from "../proxy/egress-connection.ts";
import type { ProxyLimits } from "../proxy/limits.ts";
import type { Service } from "../proxy/listener.ts";
import type { ConnectionProtocol } from "../proxy/proxy-handle.ts";
import type { RelayBuffers } from "../proxy/relay-buffers.ts";
import { tunnel } from "../proxy/tunnel.ts";
import type { Wire } from "../proxy/wire.ts";

/** How one client was connected, and to which address; or why not, in one plain sentence without its full stop. */
export type PortDial =
  | { readonly kind: "connected"; readonly wire: Wire; readonly address: string }
  | { readonly kind: "failed"; readonly reason: string };

export interface PortRelayOptions {
  readonly protocol: ConnectionProtocol;
  /** Named as what allows the connections: `--publish 8080:3000`. */
  readonly rule: string;
  /** The port that clients are connected to. */
  readonly port: number;
  readonly limits: ProxyLimits;
  readonly buffers: RelayBuffers;
  readonly nextId: NextId;
  /** Whose connection it is; it stays open meanwhile. Null when nobody knows. Never rejects. */
  readonly findClient: (client: Socket) => Promise<string | null>;
  /** Never rejects, whatever becomes of the signal. */
  readonly dial: (signal: AbortSignal) => Promise<PortDial>;
}

/** Joins every client of a port to the other side of it: no rule is asked, for the port itself is what the user allowed. */
export class PortRelay implements Service {
  readonly log: ConnectionLog;
  readonly #options: PortRelayOptions;
  readonly #open = new Set<EgressConnection>();
  readonly #serving = new Set<Promise<void>>();
  #isStopped = false;

  constructor(options: PortRelayOptions) {
    this.log = new ConnectionLog(options.nextId);
    this.#options = options;
  }

  serve(client: Wire): void {
    const served = this.#serve(client);
    this.#serving.add(served);
    containFault(
      served.finally(() => this.#serving.delete(served)),
      client.socket,
    );
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** Closes every connection and resolves when all are gone. No client may come any more. */
  async closeAll(): Promise<void> {
    for (const connection of this.#open) connection.close("the port was closed");
    await Promise.allSettled(this.#serving);
  }

  async #serve(client: Wire): Promise<void> {
    const { protocol, port, limits } = this.#options;
    const { socket } = client;
    const clientId = await this.#options.findClient(socket);
    const entry = this.log.begin({ clientId, protocol, host: loopback, port });
    if (this.log.activeOf(clientId) > limits.maxConnectionsPerClient) {
      entry.refused(`the client has ${limits.maxConnectionsPerClient} connections already`);
      socket.resetAndDestroy();
      return;
    }
    const dialled = await this.#dial(socket);
    if (dialled.kind === "failed") {
      entry.failed(dialled.reason);
      socket.resetAndDestroy(); // the nearest thing to the refusal that a client would have met there
      return;
    }
    const { wire, address } = dialled;
    const verdict = { kind: "allow", rule: this.#options.rule, isPrivateAllowed: true } as const;
    const connection = new EgressConnection(
      { socket: wire.socket, wire, address, absoluteForm: null, overhead: { bytesUp: 0, bytesDown: 0 } },
      { target: { host: loopback, port }, verdict },
      () => this.#open.delete(connection),
    );
    connection.use(entry);
    this.#open.add(connection);
    if (this.#isStopped) connection.close("the port was closed");
    await tunnel({
      client,
      upstream: connection.toWire(noBytes, this.#options.buffers),
      check: () => "pass",
      idleWatch: null, // a pool of connections to a database may rest for days
      handshakeTimeoutMs: limits.handshakeTimeoutMs,
      noteEnd: (reason) => connection.noteEnd(reason),
    });
  }

  async #dial(client: Socket): Promise<PortDial> {
    const left = new AbortController();
    const onLeft = (): void => left.abort();
    client.once("close", onLeft);
    if (client.destroyed) left.abort();
    const { dialTimeoutMs } = this.#options.limits;
    const dialled = await this.#options.dial(AbortSignal.any([left.signal, AbortSignal.timeout(dialTimeoutMs)]));
    client.off("close", onLeft);
    if (!client.destroyed) return dialled;
    if (dialled.kind === "connected") dialled.wire.socket.destroy();
    return { kind: "failed", reason: "the client left before it was connected" };
  }
}

const loopback = "127.0.0.1";
const noBytes: Buffer = Buffer.alloc(0);
