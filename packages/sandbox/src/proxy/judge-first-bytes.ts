import { SandboxError } from "../errors.ts";
import type { Filter } from "../filter/filter.ts";
import { SSH_ON_443_HOSTS } from "../filter/ssh-on-443.ts";
import { isAddress, parseHost, type Target } from "../filter/target.ts";
import { readClientHello } from "./client-hello.ts";
import { type Refusal, remedyForDenial, toRemedy } from "./explain.ts";

/** What becomes of a tunnel once the client's first bytes are known. */
export type FirstBytesVerdict =
  | { readonly kind: "more" }
  /** `serverName` is normalised; null when the bytes named none. */
  | { readonly kind: "pass"; readonly serverName: string | null }
  /** `host` is the name that was asked for behind the tunnel's own. */
  | ({ readonly kind: "refuse"; readonly host: string } & Refusal);

/**
 * Judges the first bytes inside an allowed tunnel. A TLS server name must be allowed by the same rules: otherwise a
 * tunnel to an allowed front would lead to any host behind it. On port 443 only TLS passes, and to a name only TLS
 * that says which name; a private rule lifts these two, and the SSH servers of git hosts are exempt. Pure.
 */
export function judgeFirstBytes(options: {
  readonly bytes: Uint8Array;
  readonly target: Target;
  readonly isPrivateAllowed: boolean;
  readonly filter: Filter;
}): FirstBytesVerdict {
  const { bytes, target, isPrivateAllowed, filter } = options;
  const refuse = (reason: string): FirstBytesVerdict => {
    const remedy = toRemedy(target, { isPrivate: true });
    return { kind: "refuse", host: target.host, reason, remedy };
  };
  const hello = readClientHello(bytes);
  switch (hello.kind) {
    case "incomplete":
      return { kind: "more" };
    case "not-tls":
      if (target.port !== 443 || isPrivateAllowed || SSH_ON_443_HOSTS.includes(target.host))
        return { kind: "pass", serverName: null };
      return refuse("port 443 carries only TLS unless a private rule opens the host");
    case "malformed":
      if (isPrivateAllowed) return { kind: "pass", serverName: null };
      return refuse(`not a TLS ClientHello: ${hello.problem}`);
    case "hello":
      if (hello.serverName !== null) return judgeServerName(hello.serverName, target, filter);
      if (isAddress(target.host) || isPrivateAllowed) return { kind: "pass", serverName: null };
      return refuse("the TLS ClientHello names no server");
    default:
      return hello satisfies never;
  }
}

function judgeServerName(serverName: string, target: Target, filter: Filter): FirstBytesVerdict {
  let named: Target;
  try {
    named = parseHost(serverName, target.port);
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error;
    return { kind: "refuse", host: target.host, reason: "the TLS ClientHello names no valid host", remedy: null };
  }
  if (named.host === target.host) return { kind: "pass", serverName: named.host };
  const verdict = filter.decide(named);
  if (verdict.kind === "allow") return { kind: "pass", serverName: named.host };
  const reason = `TLS in a tunnel to ${target.host} asks for ${named.host}, which no rule allows`;
  return { kind: "refuse", host: named.host, reason, remedy: remedyForDenial(named, verdict) };
}
