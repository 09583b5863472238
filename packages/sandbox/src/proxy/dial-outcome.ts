import type { Socket } from "node:net";
import type { ByteCounts } from "./connection-log.ts";
import type { Refusal } from "./explain.ts";
import type { Wire } from "./wire.ts";

export type DialOutcome =
  | ({ readonly kind: "connected" } & DialledConnection)
  /** No address of the host may be dialled; none was. */
  | ({ readonly kind: "refused" } & Refusal)
  | FailedDial;

/** `reason` is one plain sentence without its full stop; no credentials are in it. */
export interface FailedDial {
  readonly kind: "failed";
  readonly failure: DialFailure;
  readonly reason: string;
}

export interface DialledConnection {
  readonly socket: Socket;
  /** The same socket, where its bytes come that way; null where it is a stream. */
  readonly wire: Wire | null;
  /** The checked address that was dialled; null when an upstream proxy resolved the name. */
  readonly address: string | null;
  /** Not null when the socket leads to an upstream HTTP proxy, which wants every request in absolute form. */
  readonly absoluteForm: AbsoluteForm | null;
  /** Bytes that went over the socket before it was the host's: the handshake with an upstream proxy. */
  readonly overhead: ByteCounts;
}

export interface AbsoluteForm {
  /** The value of the `Proxy-Authorization` field of each request; null: none is sent. */
  readonly authorization: string | null;
}

export type DialFailure =
  | "name_not_found"
  | "connection_refused"
  | "host_unreachable"
  | "network_unreachable"
  /** The upstream proxy answered, and would not or could not connect. */
  | "upstream_refused"
  | "timed_out"
  | "cancelled"
  | "other";

export function failedDial(failure: DialFailure, reason: string): FailedDial {
  return { kind: "failed", failure, reason };
}
