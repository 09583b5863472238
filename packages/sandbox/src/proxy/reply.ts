import type { DialFailure } from "./dial-outcome.ts";

/** Why a request got no connection. `denied` is the rules' doing, `too_many` the limits', the rest the network's. */
export type RefusalCause = "denied" | "too_many" | DialFailure;

/**
 * What each protocol says for it: an HTTP status (RFC 9110 §15) and a SOCKS5 reply (RFC 1928 §6).
 * `cancelled` reaches nobody, for the client has left.
 */
export const replies: Readonly<Record<RefusalCause, { readonly httpStatus: number; readonly socksReply: number }>> = {
  denied: { httpStatus: 403, socksReply: 2 },
  too_many: { httpStatus: 503, socksReply: 1 },
  name_not_found: { httpStatus: 502, socksReply: 4 },
  connection_refused: { httpStatus: 502, socksReply: 5 },
  host_unreachable: { httpStatus: 502, socksReply: 4 },
  network_unreachable: { httpStatus: 502, socksReply: 3 },
  upstream_refused: { httpStatus: 502, socksReply: 1 },
  timed_out: { httpStatus: 504, socksReply: 6 },
  cancelled: { httpStatus: 502, socksReply: 1 },
  other: { httpStatus: 502, socksReply: 1 },
};
