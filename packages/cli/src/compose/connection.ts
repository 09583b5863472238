import type { ConnectionRecord } from "@koda/core";
import type { ConnectionEvent } from "@koda/sandbox";

/** A loop in a command makes ten thousands of refusals a second: past this many of one call, they are counted. */
const maxRefusalsPerCall = 1_000;

/**
 * Hears every connection of a sandbox. What comes before there is a session (an MCP server that starts) is kept for it.
 * Every connection is on record: one by one, or past the first 1,000 refusals of a call as one record with their number.
 */
export class ConnectionRecorder {
  #refused = 0;
  #early: ConnectionRecord[] = [];
  #record: (record: ConnectionRecord) => void = (record) => this.#early.push(record);
  readonly #refusals = new Map<string | null, { count: number; last: ConnectionRecord }>();

  /** Connections that the filter refused so far. */
  get refused(): number {
    return this.#refused;
  }

  hear(event: ConnectionEvent): void {
    if (event.kind === "refused") this.#refused += 1;
    const record = toConnectionRecord(event);
    if (record !== null && (record.verdict === "allowed" || this.#isAmongTheFirst(record))) this.#record(record);
  }

  /** Hands over what was kept, and from now on every record as it comes. */
  attach(record: (record: ConnectionRecord) => void): void {
    this.#record = record;
    for (const early of this.#early.splice(0)) record(early);
  }

  /** Records what was only counted. To be called when no more is to come; a second time does nothing. */
  finish(): void {
    for (const { count, last } of this.#refusals.values()) {
      const more = count - maxRefusalsPerCall;
      if (more > 0)
        this.#record({ ...last, reason: `${last.reason}; the last of ${more} more that this call was refused` });
    }
    this.#refusals.clear();
  }

  #isAmongTheFirst(last: ConnectionRecord): boolean {
    const count = (this.#refusals.get(last.callId)?.count ?? 0) + 1;
    this.#refusals.set(last.callId, { count, last });
    return count <= maxRefusalsPerCall;
  }
}

/** What a session keeps of a proxy's event; null for those that only announce. */
function toConnectionRecord(event: ConnectionEvent): ConnectionRecord | null {
  if (event.kind === "open") return null;
  return {
    type: "connection",
    callId: event.clientId,
    protocol: event.protocol,
    host: event.host,
    port: event.port,
    address: event.address,
    verdict: event.kind === "closed" ? "allowed" : event.kind,
    rule: event.rule,
    reason: event.reason,
    bytesUp: event.bytesUp,
    bytesDown: event.bytesDown,
    durationMs: event.durationMs,
  };
}
