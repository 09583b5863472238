import type { ConnectionEvent, ConnectionListener, ConnectionProtocol, ProxyStats, Remedy } from "./proxy-handle.ts";

/** What was asked for, before anything is decided. */
export interface ConnectionRequest {
  readonly clientId: string | null;
  readonly protocol: ConnectionProtocol;
  readonly host: string;
  readonly port: number;
}

/** Numbers connections; logs that share one number theirs together. */
export type NextId = () => number;

export function createNextId(): NextId {
  let lastId = 0;
  return () => {
    lastId += 1;
    return lastId;
  };
}

/** Tells every step of every connection of one proxy, counts them, and keeps the last ones. */
export class ConnectionLog {
  readonly #listeners = new Set<ConnectionListener>();
  /** A ring: the next event goes to `#told`, counted around it. */
  readonly #recent: ConnectionEvent[] = [];
  #told = 0;
  readonly #activeOf = new Map<string | null, number>();
  readonly #nextId: NextId;
  readonly #stats = { active: 0, opened: 0, refused: 0, failed: 0, bytesUp: 0, bytesDown: 0 };

  constructor(nextId: NextId = createNextId()) {
    this.#nextId = nextId;
  }

  begin(request: ConnectionRequest): ConnectionEntry {
    this.#countClient(request.clientId, 1);
    return new ConnectionEntry(this.#nextId(), request, (event) => this.#publish(event));
  }

  /** Attempts of one client that have not ended; of all that showed no credentials, for null. */
  activeOf(clientId: string | null): number {
    return this.#activeOf.get(clientId) ?? 0;
  }

  stats(): ProxyStats {
    return { ...this.#stats };
  }

  recentEvents(): readonly ConnectionEvent[] {
    const oldest = this.#told % maxRecentEvents;
    return this.#told < maxRecentEvents
      ? [...this.#recent]
      : [...this.#recent.slice(oldest), ...this.#recent.slice(0, oldest)];
  }

  subscribe(listener: ConnectionListener): () => void {
    // One function subscribed twice is two subscriptions.
    const own: ConnectionListener = (event) => listener(event);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  #publish(event: ConnectionEvent): void {
    this.#count(event);
    if (event.kind !== "open") this.#countClient(event.clientId, -1);
    this.#recent[this.#told % maxRecentEvents] = event;
    this.#told += 1;
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch {
        // The fault is the listener's own; the connection and the other listeners know nothing of it.
      }
    }
  }

  #countClient(clientId: string | null, change: 1 | -1): void {
    const count = this.activeOf(clientId) + change;
    if (count === 0) this.#activeOf.delete(clientId);
    else this.#activeOf.set(clientId, count);
  }

  #count(event: ConnectionEvent): void {
    const stats = this.#stats;
    switch (event.kind) {
      case "open":
        stats.active += 1;
        stats.opened += 1;
        return;
      case "closed":
        stats.active -= 1;
        stats.bytesUp += event.bytesUp;
        stats.bytesDown += event.bytesDown;
        return;
      case "refused":
        stats.refused += 1;
        return;
      case "failed":
        stats.failed += 1;
        return;
      default:
        event.kind satisfies never;
    }
  }
}

/** One attempt: ends as refused, as failed, or as open and then closed. */
export class ConnectionEntry {
  readonly #id: number;
  readonly #request: ConnectionRequest;
  readonly #publish: (event: ConnectionEvent) => void;
  readonly #startedMs: number = performance.now();
  #address: string | null = null;
  #rule: string | null = null;
  #remedy: Remedy | null = null;

  constructor(id: number, request: ConnectionRequest, publish: (event: ConnectionEvent) => void) {
    this.#id = id;
    this.#request = request;
    this.#publish = publish;
  }

  /** `rule` denied it, `remedy` would open it; absent when there is none. */
  refused(reason: string, by: { readonly rule?: string | null; readonly remedy?: Remedy | null } = {}): void {
    this.#rule = by.rule ?? null;
    this.#remedy = by.remedy ?? null;
    this.#tell("refused", reason, noBytes);
  }

  failed(reason: string): void {
    this.#tell("failed", reason, noBytes);
  }

  opened(address: string | null, rule: string): void {
    this.#address = address;
    this.#rule = rule;
    this.#tell("open", `allowed by the rule ${rule}`, noBytes);
  }

  closed(reason: string, bytes: ByteCounts): void {
    this.#tell("closed", reason, bytes);
  }

  #tell(kind: ConnectionEvent["kind"], reason: string, bytes: ByteCounts): void {
    this.#publish({
      id: this.#id,
      kind,
      clientId: this.#request.clientId,
      protocol: this.#request.protocol,
      host: this.#request.host,
      port: this.#request.port,
      address: this.#address,
      rule: this.#rule,
      reason,
      remedy: this.#remedy,
      bytesUp: bytes.bytesUp,
      bytesDown: bytes.bytesDown,
      durationMs: Math.round(performance.now() - this.#startedMs),
      atMs: Date.now(),
    });
  }
}

export interface ByteCounts {
  readonly bytesUp: number;
  readonly bytesDown: number;
}

const noBytes: ByteCounts = { bytesUp: 0, bytesDown: 0 };
const maxRecentEvents = 256;
