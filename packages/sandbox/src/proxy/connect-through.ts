import { connect, type Socket } from "node:net";
import { decodeConnectReply } from "./connect-reply-codec.ts";
import { MessageReader } from "./message-reader.ts";
import type { NamedProxy } from "./proxy-from-env.ts";
import {
  decodeCredentialsStatus,
  decodeMethod,
  decodeReply,
  encodeConnect,
  encodeCredentials,
  encodeGreeting,
  explainReply,
} from "./socks5-client-codec.ts";

export type ThroughOutcome =
  /** Half-open on both sides; bytes that came behind the proxy's answer are still in it. */
  | { readonly kind: "open"; readonly socket: Socket }
  /** `reason` is one line without its full stop, printable, with no credentials in it. */
  | { readonly kind: "failed"; readonly reason: string };

/** Opens a tunnel to a host through a proxy, as its client. Never rejects; the time limit is for all steps together. */
export async function connectThrough(options: {
  readonly proxy: NamedProxy;
  /** A name or an address without brackets, of printable ASCII. */
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
}): Promise<ThroughOutcome> {
  const { proxy, timeoutMs } = options;
  const socket = connect({ host: proxy.host, port: proxy.port, allowHalfOpen: true, noDelay: true });
  let problem: string | null = null;
  const onError = (error: NodeJS.ErrnoException): void => {
    problem ??= `the proxy cannot be reached (${error.code ?? "unknown error"})`;
  };
  socket.on("error", onError);
  const timer = setTimeout(() => {
    problem ??= `the proxy gave no answer within ${timeoutMs / 1000} s`;
    socket.destroy();
  }, timeoutMs);
  const refusal = await (proxy.kind === "socks5" ? askSocks5(socket, options) : askHttp(socket, options));
  clearTimeout(timer);
  if (refusal === null) return { kind: "open", socket: socket.off("error", onError) };
  socket.destroy();
  return { kind: "failed", reason: problem ?? refusal };
}

interface Request {
  readonly proxy: NamedProxy;
  readonly host: string;
  readonly port: number;
}

/** Null when the tunnel is open, else why it is not. */
async function askSocks5(socket: Socket, { proxy, host, port }: Request): Promise<string | null> {
  const reader = new MessageReader(socket);
  const request = encodeConnect({ host, port });
  const credentials = proxy.credentials && encodeCredentials(proxy.credentials);
  if (request === null) return "the name is none that SOCKS5 can carry";
  if (proxy.credentials !== null && credentials === null) return "the proxy's credentials are too long for SOCKS5";
  socket.write(encodeGreeting(credentials ? [0, 2] : [0]));
  const method = await reader.read(decodeMethod);
  if (method === 2 && credentials) {
    socket.write(credentials);
    const status = await reader.read(decodeCredentialsStatus);
    if (status === null) return noAnswer;
    if (status !== 0) return "the proxy refused these credentials";
  } else if (method !== 0) {
    return method === null ? noAnswer : "the proxy wants credentials, and its URL names none";
  }
  socket.write(request);
  const reply = await reader.read(decodeReply);
  if (reply === null) return noAnswer;
  if (reply === notAllowed) return `the proxy's rules refuse it. To allow it: koda allow ${toAuthority(host, port)}`;
  return reply === 0 ? null : `the proxy answered: ${explainReply(reply)}`;
}

/** Null when the tunnel is open, else why it is not. */
async function askHttp(socket: Socket, { proxy, host, port }: Request): Promise<string | null> {
  const authority = toAuthority(host, port);
  const user = proxy.credentials && Buffer.from(`${proxy.credentials.username}:${proxy.credentials.password}`);
  const authorization = user ? `Proxy-Authorization: Basic ${user.toString("base64")}\r\n` : "";
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${authorization}\r\n`);
  const reply = await new MessageReader(socket).read(decodeConnectReply);
  if (reply === null) return noAnswer;
  return reply.status < 300 ? null : `the proxy answered ${reply.status}${reply.text && `: ${reply.text}`}`;
}

function toAuthority(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

const notAllowed = 2; // RFC 1928 §6
const noAnswer = "the proxy ended the connection without an answer to it";
