import type { Socket } from "node:net";
import type { Target } from "../../filter/target.ts";
import { MessageReader } from "../message-reader.ts";
import {
  decodeCredentialsStatus,
  decodeMethod,
  decodeReply,
  encodeConnect,
  encodeCredentials,
  encodeGreeting,
} from "../socks5-client-codec.ts";
import { type ConnectAnswer, decodeConnectAnswer, encodeConnectHead, toBasic } from "./connect-codec.ts";
import type { UpstreamProxy } from "./upstream.ts";

/** Why a proxy opened no tunnel. */
export type HandshakeFailure =
  /** An HTTP answer other than 2xx; its body, as long as the head says, is still in the socket. */
  | ({ readonly kind: "http-answer" } & ConnectAnswer)
  /** A SOCKS reply other than 0 (RFC 1928 §6). */
  | { readonly kind: "socks-reply"; readonly reply: number }
  /** None of the SOCKS authentication methods offered is taken. */
  | { readonly kind: "no-method" }
  | { readonly kind: "bad-credentials" }
  /** The host's name is none that SOCKS can carry. */
  | { readonly kind: "bad-host" }
  /** The connection ended, or what came is no answer of the protocol. */
  | { readonly kind: "no-answer" };

/**
 * Asks a connected proxy for a tunnel to the target, by its name. Null when the tunnel is open: what the host said
 * first is still in the socket. Does not end by itself while the proxy is silent: closing the socket ends it.
 *
 * @throws {SandboxError} `bad_target` for a target that was not normalised.
 */
export function shakeHands(socket: Socket, proxy: UpstreamProxy, target: Target): Promise<HandshakeFailure | null> {
  return proxy.scheme === "socks5" ? askSocks5(socket, proxy, target) : askHttp(socket, proxy, target);
}

/** CONNECT (RFC 9110 §9.3.6). */
async function askHttp(socket: Socket, proxy: UpstreamProxy, target: Target): Promise<HandshakeFailure | null> {
  const reader = new MessageReader(socket);
  socket.write(encodeConnectHead(target, toBasic(proxy.credentials)));
  let answer = await reader.read(decodeConnectAnswer);
  while (answer !== null && answer.status < 200 && answer.status !== 101) {
    answer = await reader.read(decodeConnectAnswer);
  }
  if (answer === null) return noAnswer;
  return answer.status >= 200 && answer.status < 300 ? null : { kind: "http-answer", ...answer };
}

/** RFC 1928 and 1929. */
async function askSocks5(socket: Socket, proxy: UpstreamProxy, target: Target): Promise<HandshakeFailure | null> {
  const reader = new MessageReader(socket);
  const credentials = proxy.credentials && encodeCredentials(proxy.credentials);
  const request = encodeConnect(target);
  if (request === null) return { kind: "bad-host" };
  socket.write(encodeGreeting(credentials ? [0, 2] : [0]));
  const method = await reader.read(decodeMethod);
  if (method === 255) return { kind: "no-method" };
  if (method === 2 && credentials) {
    socket.write(credentials);
    const status = await reader.read(decodeCredentialsStatus);
    if (status === null) return noAnswer;
    if (status !== 0) return { kind: "bad-credentials" };
  } else if (method !== 0) {
    return noAnswer;
  }
  socket.write(request);
  const reply = await reader.read(decodeReply);
  if (reply === null) return noAnswer;
  return reply === 0 ? null : { kind: "socks-reply", reply };
}

const noAnswer: HandshakeFailure = { kind: "no-answer" };
