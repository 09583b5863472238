import { connect, type Socket } from "node:net";
import { SandboxError } from "../errors.ts";
import { type AddressClass, classifyAddress, type OwnAddresses } from "../filter/address.ts";
import type { Filter, FilterVerdict } from "../filter/filter.ts";
import { isAddress, parseHost, type Target } from "../filter/target.ts";
import { checkAddresses } from "./check-addresses.ts";
import { connectFirst, type Place } from "./connect-first.ts";
import { type DialFailure, type DialOutcome, failedDial } from "./dial-outcome.ts";
import type { ProxyLimits } from "./limits.ts";
import type { RelayBuffers } from "./relay-buffers.ts";
import { openUpstream } from "./upstream/open-upstream.ts";
import { chooseUpstream, type DialPurpose, type Upstream, type UpstreamProxy } from "./upstream/upstream.ts";
import { Wire } from "./wire.ts";

/** All addresses of a name. Rejects, or gives none, when there is no such name. The signal tells when nobody waits. */
export type ResolveHost = (hostname: string, signal: AbortSignal) => Promise<readonly string[]>;

/** What is dialled, and for whom. */
export interface DialRequest {
  readonly target: Target;
  /** The verdict that allowed the target. */
  readonly verdict: FilterVerdict & { readonly kind: "allow" };
  readonly filter: Filter;
  readonly purpose: DialPurpose;
  /** Who waits for the connection: when it closes, nobody does. */
  readonly client: Socket;
}

/** What all dials of a proxy have in common. */
export interface DialOptions {
  readonly resolveHost: ResolveHost;
  readonly limits: Pick<ProxyLimits, "dialTimeoutMs">;
  /** True for what must never be dialled whatever the rules say: the proxy's own listener. */
  readonly isOwnListener: (address: string, port: number) => boolean;
  readonly upstream: Upstream | null;
  /** The addresses of this machine's interfaces, which a public rule does not open. */
  readonly ownAddresses: () => OwnAddresses;
  readonly buffers: RelayBuffers;
}

/**
 * Connects to an allowed target, directly or through the upstream proxy that the settings name for it. Never rejects.
 *
 * Directly: resolves its name once, checks every answer, and dials only checked addresses, so that a name cannot mean
 * one thing when judged and another when dialled. Through an upstream proxy names are the proxy's to resolve, and where
 * they lead cannot be checked here; addresses are checked as ever. This machine is always dialled directly, and nothing
 * else is when the proxy fails.
 */
export async function dial(request: DialRequest, options: DialOptions): Promise<DialOutcome> {
  const { target, client } = request;
  const timeoutMs = options.limits.dialTimeoutMs;
  const stop = new AbortController();
  const onLeft = (): void => stop.abort(left);
  const timer = setTimeout(() => stop.abort(timedOut), timeoutMs);
  client.once("close", onLeft);
  if (client.destroyed) onLeft();
  const proxy = isThisMachine(target, options) ? null : chooseUpstream(options.upstream, request);
  let outcome: DialOutcome;
  try {
    outcome = await (proxy === null
      ? dialHost(request, options, stop.signal)
      : dialThrough(proxy, request, options, stop.signal));
  } catch (error) {
    const failure = failureOf(error);
    outcome = failedDial(failure, `${nameOf(proxy, target)}: ${failure.replaceAll("_", " ")}`);
  }
  clearTimeout(timer);
  client.off("close", onLeft);
  if (outcome.kind !== "failed" || !stop.signal.aborted) return outcome;
  if (stop.signal.reason === left) return failedDial("cancelled", "the client left before the host answered");
  return failedDial("timed_out", `${nameOf(proxy, target)} did not answer in ${timeoutMs} ms`);
}

const left = new Error("the client left");
const timedOut = new Error("timed out");

function nameOf(proxy: UpstreamProxy | null, target: Target): string {
  return proxy === null ? target.host : "the upstream proxy";
}

async function dialHost(request: DialRequest, options: DialOptions, signal: AbortSignal): Promise<DialOutcome> {
  const { host, port } = request.target;
  const addresses = isAddress(host) ? [host] : await resolve(host, options.resolveHost, signal);
  if (addresses.length === 0) return failedDial("name_not_found", `no address is known for ${host}`);
  const { dialable, refusal } = checkAddresses(addresses, request, options.ownAddresses);
  if (dialable.some((each) => options.isOwnListener(each, port))) {
    return { kind: "refused", reason: `${host}:${port} is this proxy itself`, remedy: null };
  }
  if (refusal !== null && dialable.length === 0) return { kind: "refused", ...refusal };
  if (request.purpose === "forward") {
    const { connection: socket, address } = await connectFirst({ addresses: dialable, port, signal, open: openStream });
    return { kind: "connected", socket, wire: null, address, absoluteForm: null, overhead: noBytes };
  }
  const open = (place: Place): Wire => Wire.connect(place, options.buffers);
  const { connection: wire, address } = await connectFirst({ addresses: dialable, port, signal, open });
  return { kind: "connected", socket: wire.socket, wire, address, absoluteForm: null, overhead: noBytes };
}

async function dialThrough(
  proxy: UpstreamProxy,
  request: DialRequest,
  options: DialOptions,
  signal: AbortSignal,
): Promise<DialOutcome> {
  const { target, purpose } = request;
  const address = isAddress(target.host) ? target.host : null;
  const { refusal } = checkAddresses(address === null ? [] : [address], request, options.ownAddresses);
  if (refusal !== null) return { kind: "refused", ...refusal };
  const addresses = await resolve(proxy.host, options.resolveHost, signal);
  if (addresses.length === 0) return failedDial("name_not_found", "no address is known for the upstream proxy");
  if (addresses.some((each) => options.isOwnListener(each, proxy.port))) {
    return failedDial("other", "the upstream proxy that is set is this proxy itself");
  }
  const { connection: socket } = await connectFirst({ addresses, port: proxy.port, signal, open: openStream });
  const opened = await openUpstream({ socket, proxy, target, purpose, signal });
  return opened.kind === "connected" ? { ...opened, address } : opened;
}

/** HTTP and the handshakes with upstream proxies are read from streams. */
function openStream(place: Place): Socket {
  return connect({ ...place, allowHalfOpen: true, noDelay: true });
}

/** RFC 6761 §6.3: these names are loopback everywhere, and no server is asked for them. */
function isLocalhost(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost");
}

/** By its spelling: what leads here is never asked of a proxy, for which it would be the proxy's own machine. */
function isThisMachine({ host }: Target, { upstream, ownAddresses }: DialOptions): boolean {
  if (upstream === null || isLocalhost(host)) return true;
  if (!isAddress(host)) return false;
  const own = ownAddresses();
  return own.has(host) || localClasses.has(classifyAddress(host, own));
}

const localClasses: ReadonlySet<AddressClass> = new Set(["loopback", "unspecified", "this-machine"]);

async function resolve(host: string, resolveHost: ResolveHost, signal: AbortSignal): Promise<readonly string[]> {
  if (isAddress(host)) return [host];
  if (isLocalhost(host)) return ["127.0.0.1", "::1"];
  const answers = await unlessAborted(resolveHost(host, signal), signal);
  // A resolver of the embedder's own may answer in any spelling; what is no address is no answer.
  return answers.slice(0, maxAddresses).flatMap(toAddress);
}

function toAddress(answer: string): readonly string[] {
  try {
    const { host } = parseHost(answer, 1);
    return isAddress(host) ? [host] : [];
  } catch (error) {
    if (error instanceof SandboxError) return []; // one with a zone, for instance
    throw error;
  }
}

/** Names with more answers exist; no client tries more than a few. */
const maxAddresses = 16;

function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolvePromise, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolvePromise, reject).finally(() => signal.removeEventListener("abort", onAbort));
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

const noBytes = { bytesUp: 0, bytesDown: 0 } as const;
