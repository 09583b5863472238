import type { Target } from "../../filter/target.ts";

/** A proxy between this machine and the Internet, a company's for instance, that connections are sent through. */
export interface UpstreamProxy {
  /** `https` is an HTTP proxy that is itself reached through TLS. `socks5` always leaves names to the proxy. */
  readonly scheme: "http" | "https" | "socks5";
  /** A normalised name or address: the user's own setting, which the host filter does not judge. */
  readonly host: string;
  readonly port: number;
  /** Null: none are sent. */
  readonly credentials: { readonly username: string; readonly password: string } | null;
}

/** Which connections go through which upstream proxy. Frozen; made by `parseUpstream`. */
export interface Upstream {
  /** For plain `http:` requests; null: they are dialled directly. */
  readonly forward: UpstreamProxy | null;
  /** For every tunnel, whatever it carries; null: they are dialled directly. */
  readonly tunnel: UpstreamProxy | null;
  /** Targets that are dialled directly all the same (`NO_PROXY`). */
  readonly isExempt: (target: Target) => boolean;
}

/** What a connection is for: one plain HTTP request after the other, or bytes that nobody reads. */
export type DialPurpose = "forward" | "tunnel";

/**
 * The proxy that the connection goes through; null when it is dialled directly. Pure. Only the spelling of the target
 * is looked at: a range in `NO_PROXY` covers addresses, not names that resolve to them.
 */
export function chooseUpstream(
  upstream: Upstream | null,
  request: { readonly target: Target; readonly purpose: DialPurpose },
): UpstreamProxy | null {
  if (upstream === null || upstream.isExempt(request.target)) return null;
  return request.purpose === "forward" ? upstream.forward : upstream.tunnel;
}
