import type { Filter } from "../filter/filter.ts";

/** A running proxy. Disposing closes the listener and every connection, and waits until they are gone. */
export interface ProxyHandle extends AsyncDisposable {
  readonly protocol: "http" | "socks5";
  /** The address clients connect to: an IP address, or the path of a Unix socket. */
  readonly host: string;
  /** 0 for a Unix socket. */
  readonly port: number;
  /** `http://host:port`, `socks5h://host:port` or `unix:PATH`; never holds credentials. */
  readonly url: string;
  stats(): ProxyStats;
  /** The last events, oldest first, at most 256: for whoever subscribes late. */
  recentEvents(): readonly ConnectionEvent[];
  /** Gives the function that ends the subscription. A listener that throws harms no other and no connection. */
  subscribe(listener: ConnectionListener): () => void;
}

/** A running proxy whose rules can be changed. */
export interface FilteringProxyHandle extends ProxyHandle {
  /** Takes new rules at once. Open connections that they no longer permit are closed, the others go on. */
  setRules(filter: Filter): void;
}

export type ConnectionListener = (event: ConnectionEvent) => void;

/**
 * How a connection came: through a proxy; through a port of the host that was opened to a sandbox (`host-port`, its host is this
 * machine); or from this machine to a port of a sandbox that was published (`publish`, its host is the sandbox).
 */
export type ConnectionProtocol = "http-connect" | "http" | "socks5" | "host-port" | "publish";

/**
 * One step in the life of one attempt to reach a host.
 * An attempt is `refused` (by rule), `failed` (by the network), or `open` and later `closed` under the same `id`.
 */
export interface ConnectionEvent {
  /** Unique within one proxy. */
  readonly id: number;
  readonly kind: "open" | "refused" | "failed" | "closed";
  /** Whose command it is. Null when the client showed no credentials, and no running command was found to own its socket. */
  readonly clientId: string | null;
  readonly protocol: ConnectionProtocol;
  /** Normalised; printable ASCII even when the client sent something that is no host. */
  readonly host: string;
  /** 0 when the client named none. */
  readonly port: number;
  /** The address dialled; null when none was. */
  readonly address: string | null;
  /** The pattern that allowed or denied it; null when no rule covers it, or it was never put to the rules. */
  readonly rule: string | null;
  /** One plain sentence: the rule that decided, or why none did, or how the connection ended. */
  readonly reason: string;
  /** For what was refused: the rule that would open it; null where none would, a deny rule for instance. */
  readonly remedy: Remedy | null;
  /** Payload bytes from the client to the host. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** Since the request was read. */
  readonly durationMs: number;
  /** Epoch milliseconds. */
  readonly atMs: number;
}

/** A rule to add. */
export interface Remedy {
  /** A host pattern for exactly the target that was refused. */
  readonly rule: string;
  /** True when only a private rule opens it. */
  readonly isPrivate: boolean;
}

/** Counts since the proxy was opened. */
export interface ProxyStats {
  /** Connections to hosts that are open now. */
  readonly active: number;
  readonly opened: number;
  readonly refused: number;
  readonly failed: number;
  /** Bytes of connections that have ended. */
  readonly bytesUp: number;
  readonly bytesDown: number;
}
