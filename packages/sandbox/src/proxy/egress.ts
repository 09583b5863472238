import type { Socket } from "node:net";
import type { OwnAddresses } from "../filter/address.ts";
import type { Filter, FilterVerdict } from "../filter/filter.ts";
import type { Target } from "../filter/target.ts";
import { checkAddresses } from "./check-addresses.ts";
import { type ConnectionEntry, ConnectionLog, type ConnectionRequest } from "./connection-log.ts";
import { dial, type ResolveHost } from "./dial.ts";
import type { DialOutcome } from "./dial-outcome.ts";
import { EgressConnection } from "./egress-connection.ts";
import { explainDenial, isNonPublicAddress, type Refusal, remedyForDenial } from "./explain.ts";
import type { HostQuestions } from "./host-questions.ts";
import { IdleWatch } from "./idle-watch.ts";
import { judgeFirstBytes } from "./judge-first-bytes.ts";
import type { ProxyLimits } from "./limits.ts";
import type { RelayBuffers } from "./relay-buffers.ts";
import type { RefusalCause } from "./reply.ts";
import { tunnel } from "./tunnel.ts";
import type { Upstream } from "./upstream/upstream.ts";
import type { Wire } from "./wire.ts";

export interface EgressOptions {
  readonly filter: Filter;
  readonly resolveHost: ResolveHost;
  readonly limits: ProxyLimits;
  readonly buffers: RelayBuffers;
  readonly questions: HostQuestions | null;
  readonly isOwnListener: (address: string, port: number) => boolean;
  readonly upstream: Upstream | null;
  readonly ownAddresses: () => OwnAddresses;
}

/** One client's wish to reach a host. */
export interface EgressRequest {
  readonly target: Target;
  readonly clientId: string | null;
  readonly protocol: ConnectionRequest["protocol"];
  /** When it closes, nobody waits any more. */
  readonly client: Socket;
}

/** An open connection's owner must have it relayed, or see to it that its socket is closed. */
export type EgressOutcome =
  | { readonly kind: "open"; readonly connection: EgressConnection }
  | ({ readonly kind: "none"; readonly cause: RefusalCause } & Refusal);

/** The one way out, whatever the protocol: decide, resolve, check, dial, relay, record. */
export class Egress {
  readonly log: ConnectionLog = new ConnectionLog();
  readonly #options: EgressOptions;
  readonly #open = new Set<EgressConnection>();
  readonly #idleWatch: IdleWatch;
  /** Who waits for the last connection to close. */
  #untilClosed: (() => void)[] = [];
  #base: Filter;
  #granted: readonly string[] = [];
  #filter: Filter;

  constructor(options: EgressOptions) {
    this.#options = options;
    this.#base = options.filter;
    this.#filter = options.filter;
    this.#idleWatch = new IdleWatch(options.limits.idleTimeoutMs);
  }

  /** Never rejects. A name that the rules deny is not resolved. */
  connect(request: EgressRequest): Promise<EgressOutcome> {
    const { target, clientId } = request;
    const entry = this.log.begin({ clientId, protocol: request.protocol, ...target });
    const { limits } = this.#options;
    if (this.log.activeOf(clientId) > limits.maxConnectionsPerClient) {
      const reason = `the client has ${limits.maxConnectionsPerClient} connections already`;
      entry.refused(reason);
      return Promise.resolve({ kind: "none", cause: "too_many", reason, remedy: null });
    }
    const filter = this.#currentFilter();
    const verdict = filter.decide(target);
    if (verdict.kind === "allow") return this.#dial({ request, entry, verdict, filter });
    // No answer opens what only a private rule may.
    if (verdict.reason === "denied_by_rule" || !this.#options.questions || isNonPublicAddress(target)) {
      return Promise.resolve(deny(entry, target, verdict));
    }
    return this.#askAndDial(this.#options.questions, request, entry, verdict);
  }

  /**
   * Takes a resting connection for another request to its target. Null when it cannot serve any more, or the rules
   * have changed for it: then it is closed, and nothing is recorded.
   */
  reuse(connection: EgressConnection, request: EgressRequest): EgressConnection | null {
    const { socket, target } = connection;
    const verdict = this.#currentFilter().decide(target);
    const isSame = verdict.kind === "allow" && verdict.rule === connection.verdict.rule;
    if (!isSame || socket.destroyed || !socket.readable || !socket.writable) {
      socket.destroy();
      return null;
    }
    connection.use(this.log.begin({ clientId: request.clientId, protocol: request.protocol, ...target }));
    return connection;
  }

  /**
   * Joins a client to a host as a checked tunnel; resolves when both are closed. `ahead` came from the host already.
   * Never rejects.
   */
  relay(options: {
    readonly connection: EgressConnection;
    readonly client: Wire;
    readonly who: Pick<ConnectionRequest, "clientId" | "protocol">;
    readonly ahead?: Buffer | undefined;
  }): Promise<void> {
    const { connection, client, who, ahead = noBytes } = options;
    const { target } = connection;
    const { limits, buffers } = this.#options;
    return tunnel({
      client,
      upstream: connection.toWire(ahead, buffers),
      // An SSH session may stay silent for days.
      idleWatch: target.port === 22 ? null : this.#idleWatch,
      handshakeTimeoutMs: limits.handshakeTimeoutMs,
      noteEnd: (reason) => connection.noteEnd(reason),
      check: (bytes) => this.#checkFirstBytes(bytes, connection, who),
    });
  }

  /** New rules for new connections; open ones that the rules no longer permit are closed. */
  setRules(filter: Filter): void {
    this.#base = filter;
    this.#filter = this.#options.questions?.extend(filter) ?? filter;
    for (const connection of this.#open) this.#review(connection);
  }

  /** Closes every connection and resolves when all are gone. */
  closeAll(): Promise<void> {
    for (const each of this.#open) each.close("the proxy was closed");
    return new Promise((resolve) => {
      this.#untilClosed.push(resolve);
      if (this.#open.size === 0) this.#tellClosed();
    });
  }

  readonly #onClosed = (connection: EgressConnection): void => {
    this.#open.delete(connection);
    if (this.#open.size === 0) this.#tellClosed();
  };

  #tellClosed(): void {
    const waiting = this.#untilClosed;
    this.#untilClosed = [];
    for (const tell of waiting) tell();
  }

  /** The rules, with those that answers have added since. */
  #currentFilter(): Filter {
    const { questions } = this.#options;
    if (questions && questions.granted !== this.#granted) {
      this.#granted = questions.granted;
      this.#filter = questions.extend(this.#base);
    }
    return this.#filter;
  }

  async #askAndDial(
    questions: HostQuestions,
    request: EgressRequest,
    entry: ConnectionEntry,
    denial: FilterVerdict & { readonly kind: "deny" },
  ): Promise<EgressOutcome> {
    const { target, clientId, protocol } = request;
    const answer = await questions.about({ target, clientId, protocol });
    if (request.client.destroyed) {
      const reason = "the client left before it was decided";
      entry.failed(reason);
      return { kind: "none", cause: "cancelled", reason, remedy: null };
    }
    // The rules may have changed meanwhile, and a deny of theirs wins over any answer.
    const filter = this.#currentFilter();
    const verdict = filter.decide(target);
    if (verdict.kind === "allow") return this.#dial({ request, entry, verdict, filter });
    if (answer !== "once" || verdict.reason === "denied_by_rule") {
      const asked = answer === "unanswered" ? "nobody answered whether to allow it" : "it was asked about and denied";
      return deny(entry, target, denial, `${explainDenial(target, verdict)}, and ${asked}`);
    }
    return this.#dial({ request, entry, verdict: allowedOnce, filter });
  }

  async #dial(options: {
    readonly request: EgressRequest;
    readonly entry: ConnectionEntry;
    readonly verdict: FilterVerdict & { readonly kind: "allow" };
    readonly filter: Filter;
  }): Promise<EgressOutcome> {
    const { request, entry, verdict, filter } = options;
    const { target, client } = request;
    const purpose = request.protocol === "http" ? "forward" : "tunnel";
    const outcome: DialOutcome = await dial({ target, verdict, filter, purpose, client }, this.#options);
    if (outcome.kind === "refused") return refuse(entry, { ...outcome, rule: null });
    if (outcome.kind === "failed") {
      entry.failed(outcome.reason);
      return { kind: "none", cause: outcome.failure, reason: outcome.reason, remedy: null };
    }
    const connection = new EgressConnection(outcome, { target, verdict }, this.#onClosed);
    connection.use(entry);
    this.#open.add(connection);
    // The rules may have changed while the host was dialled.
    if (filter !== this.#currentFilter() && !this.#review(connection)) {
      return { kind: "none", cause: "denied", reason: rulesChanged, remedy: null };
    }
    return { kind: "open", connection };
  }

  /** True when the connection may stay. */
  #review(connection: EgressConnection): boolean {
    const isAllowed = this.#allows(connection);
    if (!isAllowed) connection.close(rulesChanged);
    return isAllowed;
  }

  /** Judged as a new connection would be: the host, the address it lies at, the name its TLS asked for. */
  #allows(connection: EgressConnection): boolean {
    const { target, address, serverName } = connection;
    const filter = this.#currentFilter();
    const decided = filter.decide(target);
    const isGranted =
      connection.verdict === allowedOnce && !(decided.kind === "deny" && decided.reason === "denied_by_rule");
    const verdict = isGranted ? allowedOnce : decided;
    if (verdict.kind === "deny" || (connection.isPrivateNeeded && !verdict.isPrivateAllowed)) return false;
    const addresses = address === null ? [] : [address];
    const { ownAddresses } = this.#options;
    if (checkAddresses(addresses, { target, verdict, filter }, ownAddresses).refusal !== null) return false;
    if (serverName === null || serverName === target.host) return true;
    return filter.decide({ host: serverName, port: target.port }).kind === "allow";
  }

  #checkFirstBytes(
    bytes: Buffer,
    connection: EgressConnection,
    who: Pick<ConnectionRequest, "clientId" | "protocol">,
  ): "more" | "pass" | "refuse" {
    const { target, verdict } = connection;
    const { isPrivateAllowed } = verdict;
    const judged = judgeFirstBytes({ bytes, target, isPrivateAllowed, filter: this.#currentFilter() });
    if (judged.kind === "refuse") {
      this.log.begin({ ...who, host: judged.host, port: target.port }).refused(judged.reason, judged);
      connection.noteEnd(judged.reason);
    } else if (judged.kind === "pass") {
      connection.serverName = judged.serverName;
      const asPublic = { bytes, target, isPrivateAllowed: false, filter: this.#currentFilter() };
      connection.isPrivateNeeded = isPrivateAllowed && judgeFirstBytes(asPublic).kind === "refuse";
    }
    return judged.kind;
  }
}

/** The verdict for a connection that an answer let through, and no rule. */
const allowedOnce = { kind: "allow", rule: "allowed once", isPrivateAllowed: false } as const;
const rulesChanged = "the rules no longer allow it";
const noBytes: Buffer = Buffer.alloc(0);

function deny(
  entry: ConnectionEntry,
  target: Target,
  verdict: FilterVerdict & { readonly kind: "deny" },
  reason: string = explainDenial(target, verdict),
): EgressOutcome {
  return refuse(entry, { reason, remedy: remedyForDenial(target, verdict), rule: verdict.rule });
}

function refuse(entry: ConnectionEntry, by: Refusal & { readonly rule: string | null }): EgressOutcome {
  entry.refused(by.reason, by);
  return { kind: "none", cause: "denied", reason: by.reason, remedy: by.remedy };
}
