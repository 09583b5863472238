import { lookup } from "node:dns/promises";
import type { Socket } from "node:net";
import type { Filter, FilterVerdict } from "../filter/filter.ts";
import { isAddress, parseHost, type Target } from "../filter/target.ts";
import { checkAddresses } from "./check-addresses.ts";
import { connectFirst } from "./connect-first.ts";
import type { ByteCounts } from "./connection-log.ts";
import type { Refusal } from "./explain.ts";
import type { DialPurpose, Upstream } from "./upstream/upstream.ts";

/** All addresses of a name. Rejects, or gives none, when there is no such name. */
export type ResolveHost = (hostname: string) => Promise<readonly string[]>;

export type DialOutcome =
  | ({ readonly kind: "connected" } & DialledConnection)
  /** No address of the host may be dialled; none was. */
  | ({ readonly kind: "refused" } & Refusal)
  | { readonly kind: "failed"; readonly failure: DialFailure; readonly reason: string };

export interface DialledConnection {
  readonly socket: Socket;
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
  | "upstream_refused"
  | "timed_out"
  | "cancelled"
  | "other";

export interface DialOptions {
  readonly target: Target;
  /** The verdict that allowed the target. */
  readonly verdict: FilterVerdict & { readonly kind: "allow" };
  readonly filter: Filter;
  readonly resolveHost: ResolveHost;
  readonly timeoutMs: number;
  /** True for what must never be dialled whatever the rules say: the proxy's own listener. */
  readonly isOwnListener: (address: string, port: number) => boolean;
  readonly upstream: Upstream | null;
  readonly purpose: DialPurpose;
  readonly signal: AbortSignal;
}

/**
 * Connects to an allowed target: resolves its name once, checks every answer, and dials only checked addresses,
 * so that a name cannot mean one thing when judged and another when dialled. Never rejects.
 */
export async function dial(options: DialOptions): Promise<DialOutcome> {
  const { target, signal } = options;
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new Error("timed out")), options.timeoutMs);
  const either = AbortSignal.any([signal, limit.signal]);
  try {
    const answers = await resolve(options, either);
    if (answers.length === 0) return failed("name_not_found", `no address is known for ${target.host}`);
    const { dialable, refusal } = checkAddresses({ ...options, addresses: answers });
    if (dialable.some((address) => options.isOwnListener(address, target.port))) {
      return { kind: "refused", reason: `${target.host}:${target.port} is this proxy itself`, remedy: null };
    }
    if (refusal !== null && dialable.length === 0) return { kind: "refused", ...refusal };
    const connected = await connectFirst({ addresses: dialable, port: target.port, signal: either });
    return { kind: "connected", ...connected, absoluteForm: null, overhead: { bytesUp: 0, bytesDown: 0 } };
  } catch (error) {
    if (signal.aborted) return failed("cancelled", "the client left before the host answered");
    if (limit.signal.aborted) return failed("timed_out", `${target.host} did not answer in ${options.timeoutMs} ms`);
    const failure = failureOf(error);
    return failed(failure, `${target.host}: ${failure.replaceAll("_", " ")}`);
  } finally {
    clearTimeout(timer);
  }
}

/** The system's resolver: hosts file, DNS, and whatever else the machine is set up to ask. */
export const resolveWithSystem: ResolveHost = async (hostname) =>
  (await lookup(hostname, { all: true, order: "verbatim" })).map(({ address }) => address);

async function resolve(options: DialOptions, signal: AbortSignal): Promise<readonly string[]> {
  const { host } = options.target;
  if (isAddress(host)) return [host];
  // RFC 6761 §6.3: these names are loopback everywhere, and no server is asked for them.
  if (host === "localhost" || host.endsWith(".localhost")) return ["127.0.0.1", "::1"];
  const answers = await Promise.race([options.resolveHost(host), rejectOnAbort(signal)]);
  // A resolver of the embedder's own may answer in any spelling; what is no address is no answer.
  return answers
    .slice(0, maxAddresses)
    .map((answer) => parseHost(answer, 1).host)
    .filter(isAddress);
}

/** Names with more answers exist; no client tries more than a few. */
const maxAddresses = 16;

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

function failureOf(error: unknown): DialFailure {
  const code = error instanceof Error && "code" in error ? error.code : null;
  switch (code) {
    case "ENOTFOUND":
    case "ENODATA":
    case "EAI_AGAIN":
      return "name_not_found";
    case "ECONNREFUSED":
      return "connection_refused";
    case "EHOSTUNREACH":
    case "EHOSTDOWN":
      return "host_unreachable";
    case "ENETUNREACH":
    case "EADDRNOTAVAIL":
      return "network_unreachable";
    case "ETIMEDOUT":
      return "timed_out";
    default:
      return "other";
  }
}

function failed(failure: DialFailure, reason: string): DialOutcome {
  return { kind: "failed", failure, reason };
}
