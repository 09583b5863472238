import type { ConnectionRecord } from "@koda/core";
import type { ConnectionEvent } from "@koda/sandbox";

/** Hears every connection of a sandbox. What comes before there is a session (an MCP server that starts) is kept for it. */
export class ConnectionRecorder {
  #refused = 0;
  #early: ConnectionRecord[] = [];
  #record: (record: ConnectionRecord) => void = (record) => this.#early.push(record);

  /** Connections that the filter refused so far. */
  get refused(): number {
    return this.#refused;
  }

  hear(event: ConnectionEvent): void {
    if (event.kind === "refused") this.#refused += 1;
    const record = toConnectionRecord(event);
    if (record !== null) this.#record(record);
  }

  /** Hands over what was kept, and from now on every record as it comes. */
  attach(record: (record: ConnectionRecord) => void): void {
    this.#record = record;
    for (const early of this.#early.splice(0)) record(early);
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
