import type { ClientRequest, IncomingMessage } from "node:http";
import type { Egress } from "./egress.ts";
import { addEndToEndTrailers } from "./hop-by-hop.ts";
import { sendNoAnswer } from "./http-reply.ts";
import { request as openRequest } from "./node-http.ts";
import { type Exchange, type Forward, openForward, toHostRequest } from "./open-forward.ts";
import { relayResponse } from "./relay-response.ts";

/**
 * Serves one request in absolute form (RFC 9112 §3.2.2) on a connection of its own to the host: any method, bodies
 * and trailers streamed both ways, fields of this connection removed. Never rejects.
 */
export async function serveForward(options: {
  readonly exchange: Exchange;
  readonly forward: Forward;
  readonly egress: Egress;
  /** Without a byte from or to the host for so long, the exchange ends; 0 is never. */
  readonly idleTimeoutMs: number;
}): Promise<void> {
  const { exchange, forward, idleTimeoutMs } = options;
  const { request, response } = exchange;
  const connection = await openForward(exchange, forward, options.egress);
  if (!connection) return;
  const { socket } = connection;
  response.on("close", () => {
    if (!response.writableFinished) connection.noteEnd("the client broke off");
    socket.destroy();
  });
  const { path, fields } = toHostRequest(exchange, forward, connection);
  const upstream = openRequest({
    createConnection: () => socket,
    method: request.method,
    path,
    headers: [...fields, ...framingFields(request), "Connection", "close"],
    maxHeaderSize: maxResponseHeaderBytes,
  });
  upstream.maxHeadersCount = 0;
  let failureStatus: 502 | 504 = 502;
  const fail = (): void => sendNoAnswer(response, forward.destination.target.host, failureStatus);
  socket.setTimeout(idleTimeoutMs, () => {
    failureStatus = 504;
    connection.close("idle for too long");
  });
  upstream.on("error", fail);
  // A switch of protocols that nobody asked for.
  upstream.on("upgrade", (_answer, upgraded) => {
    upgraded.destroy();
    fail();
  });
  relayResponse({ request, upstream, response, isThroughProxy: connection.absoluteForm !== null });
  sendBody(request, upstream);
}

/** Content-Length travels as it came; a chunked body stays chunked, and no body stays none. */
function framingFields(request: IncomingMessage): readonly string[] {
  if (request.headers["transfer-encoding"] !== undefined) return ["Transfer-Encoding", "chunked"];
  if (request.headers["content-length"] !== undefined) return [];
  const isBodyUsual = !["GET", "HEAD", "DELETE", "OPTIONS"].includes(request.method ?? "");
  return isBodyUsual ? ["Content-Length", "0"] : [];
}

function sendBody(request: IncomingMessage, upstream: ClientRequest): void {
  request.on("end", () => {
    addEndToEndTrailers(upstream, request.rawTrailers);
    upstream.end();
  });
  request.pipe(upstream, { end: false });
}

/** What a host may send before its body; more is a 502. */
export const maxResponseHeaderBytes = 65_536;
