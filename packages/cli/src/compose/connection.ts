import type { ConnectionRecord } from "@koda/core";
import type { ConnectionEvent } from "@koda/sandbox";

/** What a session keeps of a proxy's event; null for those that only announce. */
export function toConnectionRecord(event: ConnectionEvent): ConnectionRecord | null {
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
