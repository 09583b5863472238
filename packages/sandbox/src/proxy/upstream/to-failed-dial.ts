import type { Target } from "../../filter/target.ts";
import { type FailedDial, failedDial } from "../dial-outcome.ts";
import type { HandshakeFailure } from "./shake-hands.ts";

/** What a client learns of a failed handshake with the upstream proxy: codes only, no word of the proxy's own. Pure. */
export function toFailedDial(failed: HandshakeFailure, target: Target): FailedDial {
  const refused = (why: string, failure: FailedDial["failure"] = "upstream_refused"): FailedDial =>
    failedDial(failure, `the upstream proxy refused ${target.host} port ${target.port}: ${why}`);
  switch (failed.kind) {
    case "http-answer":
      return refused(`HTTP status ${failed.status}`, failed.status === 504 ? "timed_out" : "upstream_refused");
    case "socks-reply":
      return refused(`SOCKS reply ${failed.reply}`, replyFailures[failed.reply]);
    case "no-method":
      return refused("none of the SOCKS authentication methods offered");
    case "bad-credentials":
      return refused("the SOCKS credentials are not accepted");
    case "bad-host":
      return failedDial("other", "no SOCKS proxy can be asked for this host");
    case "no-answer":
      return failedDial("other", "the upstream proxy gave no valid answer");
    default:
      return failed satisfies never;
  }
}

/** Reply codes that tell of the network behind the proxy (RFC 1928 §6); all others are the proxy's own refusal. */
const replyFailures: Readonly<Record<number, FailedDial["failure"]>> = {
  3: "network_unreachable",
  4: "host_unreachable",
  5: "connection_refused",
  6: "timed_out",
};
