import type { Socket } from "node:net";
import type { Target } from "../../filter/target.ts";
import { type FailedDial, failedDial } from "../dial-outcome.ts";
import { MessageReader } from "../message-reader.ts";
import {
  decodeCredentialsStatus,
  decodeMethod,
  decodeReply,
  encodeConnect,
  encodeCredentials,
  encodeGreeting,
} from "../socks5-client-codec.ts";
import { decodeConnectAnswer, encodeConnectHead, toBasic } from "./connect-codec.ts";
import type { UpstreamProxy } from "./upstream.ts";

/**
 * Asks a connected upstream proxy for a tunnel to the target, by its name. Null when the tunnel is open: what the host
 * said first is still in the socket. Does not end by itself while the proxy is silent: closing the socket ends it.
 */
export function shakeHands(socket: Socket, proxy: UpstreamProxy, target: Target): Promise<FailedDial | null> {
  return proxy.scheme === "socks5" ? askSocks5(socket, proxy, target) : askHttp(socket, proxy, target);
}

/** CONNECT (RFC 9110 §9.3.6). */
async function askHttp(socket: Socket, proxy: UpstreamProxy, target: Target): Promise<FailedDial | null> {
  const reader = new MessageReader(socket);
  socket.write(encodeConnectHead(target, toBasic(proxy.credentials)));
  let status = await reader.read(decodeConnectAnswer);
  while (status !== null && status < 200 && status !== 101) status = await reader.read(decodeConnectAnswer);
  if (status === null) return noAnswer;
  if (status >= 200 && status < 300) return null;
  return refused(target, `HTTP status ${status}`, status === 504 ? "timed_out" : "upstream_refused");
}

/** RFC 1928 and 1929. */
async function askSocks5(socket: Socket, proxy: UpstreamProxy, target: Target): Promise<FailedDial | null> {
  const reader = new MessageReader(socket);
  const credentials = proxy.credentials && encodeCredentials(proxy.credentials);
  const request = encodeConnect(target);
  if (request === null) return failedDial("other", "no SOCKS proxy can be asked for this host");
  socket.write(encodeGreeting(credentials ? [0, 2] : [0]));
  const method = await reader.read(decodeMethod);
  if (method === 255) return refused(target, "none of the SOCKS authentication methods offered");
  if (method === 2 && credentials) {
    socket.write(credentials);
    const status = await reader.read(decodeCredentialsStatus);
    if (status === null) return noAnswer;
    if (status !== 0) return refused(target, "the SOCKS credentials are not accepted");
  } else if (method !== 0) {
    return noAnswer;
  }
  socket.write(request);
  const reply = await reader.read(decodeReply);
  if (reply === null) return noAnswer;
  return reply === 0 ? null : refused(target, `SOCKS reply ${reply}`, replyFailures[reply]);
}

/** Reply codes that tell of the network behind the proxy (RFC 1928 §6); all others are the proxy's own refusal. */
const replyFailures: Readonly<Record<number, FailedDial["failure"]>> = {
  3: "network_unreachable",
  4: "host_unreachable",
  5: "connection_refused",
  6: "timed_out",
};

function refused(target: Target, why: string, failure: FailedDial["failure"] = "upstream_refused"): FailedDial {
  return failedDial(failure, `the upstream proxy refused ${target.host} port ${target.port}: ${why}`);
}

const noAnswer: FailedDial = failedDial("other", "the upstream proxy gave no valid answer");
