import type { Socket } from "node:net";
import type { OwnAddresses } from "../filter/address.ts";
import type { Filter, FilterVerdict } from "../filter/filter.ts";
import type { Target } from "../filter/target.ts";
import { checkAddresses } from "./check-addresses.ts";
import { type ByteCounts, type ConnectionEntry, ConnectionLog, type ConnectionRequest } from "./connection-log.ts";
import { dial, type ResolveHost } from "./dial.ts";
import type { AbsoluteForm } from "./dial-outcome.ts";
import { explainDenial, type Refusal, remedyForDenial } from "./explain.ts";
import { judgeFirstBytes } from "./judge-first-bytes.ts";
import type { ProxyLimits } from "./limits.ts";
import type { RefusalCause } from "./reply.ts";
import { tunnel } from "./tunnel.ts";
import type { Upstream } from "./upstream/upstream.ts";

export interface EgressOptions {
  readonly filter: Filter;
  readonly resolveHost: ResolveHost;
  readonly limits: ProxyLimits;
  readonly isOwnListener: (address: string, port: number) => boolean;
  readonly upstream: Upstream | null;
  readonly ownAddresses: () => OwnAddresses;
}

export type EgressOutcome =
  | { readonly kind: "open"; readonly connection: OpenConnection }
  | ({ readonly kind: "none"; readonly cause: RefusalCause } & Refusal);

/** A connection to an allowed host. Its owner must call `relay`, or see to it that the socket is closed. */
export interface OpenConnection {
  readonly socket: Socket;
  /** Not null when the socket leads to an upstream HTTP proxy, which wants requests in absolute form. */
  readonly absoluteForm: AbsoluteForm | null;
  /** Joins the client to the host as a checked tunnel; resolves when both are closed. Never rejects. */
  relay(client: Socket): Promise<void>;
  /** Names how the connection ended, for its record; without it, that both sides ended. */
  noteEnd(reason: string): void;
}

/** The one way out, whatever the protocol: decide, resolve, check, dial, relay, record. */
export class Egress {
  readonly log: ConnectionLog = new ConnectionLog();
  readonly #options: EgressOptions;
  readonly #open = new Set<Held>();
  #filter: Filter;

  constructor(options: EgressOptions) {
    this.#options = options;
    this.#filter = options.filter;
  }

  /** Never rejects. A name that the rules deny is not resolved. */
  async connect(request: {
    readonly target: Target;
    readonly clientId: string | null;
    readonly protocol: ConnectionRequest["protocol"];
    readonly signal: AbortSignal;
  }): Promise<EgressOutcome> {
    const { target, clientId, protocol, signal } = request;
    const entry = this.log.begin({ clientId, protocol, ...target });
    const filter = this.#filter;
    const verdict = filter.decide(target);
    if (verdict.kind === "deny") {
      const { rule } = verdict;
      return refuse(entry, { reason: explainDenial(target, verdict), remedy: remedyForDenial(target, verdict), rule });
    }
    const { limits, ...egressOptions } = this.#options;
    const timeoutMs = limits.dialTimeoutMs;
    const purpose = protocol === "http" ? "forward" : "tunnel";
    const outcome = await dial({ ...egressOptions, target, verdict, filter, timeoutMs, purpose, signal });
    if (outcome.kind === "refused") return refuse(entry, { ...outcome, rule: null });
    if (outcome.kind === "failed") {
      entry.failed(outcome.reason);
      return { kind: "none", cause: outcome.failure, reason: outcome.reason, remedy: null };
    }
    entry.opened(outcome.address, verdict.rule);
    const held = new Held({ ...outcome, entry, target, verdict });
    this.#open.add(held);
    outcome.socket.once("close", () => this.#open.delete(held));
    // The rules may have changed while the host was dialled.
    if (filter !== this.#filter && !this.#review(held)) {
      return { kind: "none", cause: "denied", reason: rulesChanged, remedy: null };
    }
    return {
      kind: "open",
      connection: {
        socket: outcome.socket,
        absoluteForm: outcome.absoluteForm,
        relay: (client) => this.#relay(held, client, { clientId, protocol }),
        noteEnd: (reason) => held.noteEnd(reason),
      },
    };
  }

  /** New rules for new connections; open ones that the rules no longer permit are closed. */
  setFilter(filter: Filter): void {
    this.#filter = filter;
    for (const held of this.#open) this.#review(held);
  }

  /** Closes every connection and resolves when all are gone. */
  async closeAll(): Promise<void> {
    const held = [...this.#open];
    for (const each of held) each.close("the proxy was closed");
    await Promise.all(held.map((each) => each.closed));
  }

  /** True when the connection may stay. */
  #review(held: Held): boolean {
    const isAllowed = this.#allows(held);
    if (!isAllowed) held.close(rulesChanged);
    return isAllowed;
  }

  /** Judged as a new connection would be: the host, the address it lies at, the name its TLS asked for. */
  #allows({ target, address, serverName }: Held): boolean {
    const filter = this.#filter;
    const verdict = filter.decide(target);
    if (verdict.kind === "deny") return false;
    const addresses = address === null ? [] : [address];
    const { ownAddresses } = this.#options;
    if (checkAddresses({ target, verdict, addresses, filter, ownAddresses }).refusal !== null) return false;
    if (serverName === null || serverName === target.host) return true;
    return filter.decide({ host: serverName, port: target.port }).kind === "allow";
  }

  async #relay(held: Held, client: Socket, who: Pick<ConnectionRequest, "clientId" | "protocol">): Promise<void> {
    const { target, verdict, socket } = held;
    const { limits } = this.#options;
    await tunnel({
      client,
      upstream: socket,
      // An SSH session may stay silent for days.
      idleTimeoutMs: target.port === 22 ? 0 : limits.idleTimeoutMs,
      handshakeTimeoutMs: limits.handshakeTimeoutMs,
      noteEnd: (reason) => held.noteEnd(reason),
      check: (bytes) => {
        const { isPrivateAllowed } = verdict;
        const judged = judgeFirstBytes({ bytes, target, isPrivateAllowed, filter: this.#filter });
        if (judged.kind === "refuse") {
          this.log.begin({ ...who, host: judged.host, port: target.port }).refused(judged.reason, judged);
          held.noteEnd(judged.reason);
        } else if (judged.kind === "pass") {
          held.serverName = judged.serverName;
        }
        return judged.kind;
      },
    });
  }
}

/** One open connection as the rules see it. Its record is closed with its socket, whoever closes that. */
class Held {
  readonly socket: Socket;
  /** Null when an upstream proxy resolved the name. */
  readonly address: string | null;
  readonly target: Target;
  readonly verdict: FilterVerdict & { readonly kind: "allow" };
  /** Resolves when the socket is gone and the record written. */
  readonly closed: Promise<void>;
  serverName: string | null = null;
  #endReason: string | null = null;

  constructor(options: {
    readonly socket: Socket;
    readonly address: string | null;
    readonly overhead: ByteCounts;
    readonly entry: ConnectionEntry;
    readonly target: Target;
    readonly verdict: FilterVerdict & { readonly kind: "allow" };
  }) {
    this.socket = options.socket;
    this.address = options.address;
    this.target = options.target;
    this.verdict = options.verdict;
    const { entry, socket, overhead } = options;
    this.closed = new Promise((resolve) => {
      socket.once("close", () => {
        const bytesUp = socket.bytesWritten - overhead.bytesUp;
        const bytesDown = socket.bytesRead - overhead.bytesDown;
        entry.closed(this.#endReason ?? "both sides ended", { bytesUp, bytesDown });
        resolve();
      });
    });
  }

  /** The first reason given stays. */
  noteEnd(reason: string): void {
    this.#endReason ??= reason;
  }

  close(reason: string): void {
    this.noteEnd(reason);
    this.socket.destroy();
  }
}

const rulesChanged = "the rules no longer allow it";

function refuse(entry: ConnectionEntry, by: Refusal & { readonly rule: string | null }): EgressOutcome {
  entry.refused(by.reason, by);
  return { kind: "none", cause: "denied", reason: by.reason, remedy: by.remedy };
}
