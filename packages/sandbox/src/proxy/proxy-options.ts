import type { Server } from "node:net";
import type { Filter } from "../filter/filter.ts";
import type { Authentication } from "./authorize.ts";
import type { ClientRegistry } from "./client-registry.ts";
import type { ResolveHost } from "./dial.ts";
import type { HostQuestions } from "./host-questions.ts";
import type { FindClient } from "./identify-client.ts";
import type { ProxyLimits } from "./limits.ts";
import type { OwnListeners } from "./own-listeners.ts";
import type { Upstream } from "./upstream/upstream.ts";

/** How to open a proxy of either protocol. */
export interface ProxyOptions {
  readonly filter: Filter;
  /**
   * A server that listens already, perhaps handed over from a network namespace. The proxy takes over its handle,
   * owns it and closes it; `host` and `port` are not read then. The process that bound it must have closed its own
   * copy: while two listen, connections go to either.
   */
  readonly server?: Server | undefined;
  /** A Unix socket to listen on, for this user only; `host` and `port` are not read then. */
  readonly path?: string | undefined;
  /** An IP address. Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Default 0: any free port. */
  readonly port?: number | undefined;
  /** Absent: nobody has credentials. */
  readonly clients?: ClientRegistry | undefined;
  readonly authentication: Authentication;
  /** Names the client of a connection that showed no credentials and needs none. Default: it is recorded as nobody's. */
  readonly findClient?: FindClient | undefined;
  /** Default: the system's resolver. `localhost` and names below it are never asked for (RFC 6761). */
  readonly resolveHost?: ResolveHost | undefined;
  /** Proxies that connections are sent through, from `parseUpstream`. Default: none, every host is dialled directly. */
  readonly upstream?: Upstream | null | undefined;
  /** Given to several proxies, none of them connects to another. Default: a proxy never connects to itself. */
  readonly ownListeners?: OwnListeners | undefined;
  /** Asks about hosts that no rule covers. Default: they are refused. Proxies that share one share its answers. */
  readonly questions?: HostQuestions | undefined;
  /** What is absent has its default. */
  readonly limits?: Partial<ProxyLimits> | undefined;
  /** Aborting disposes the proxy. */
  readonly signal?: AbortSignal | undefined;
}
