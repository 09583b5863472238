import type { IncomingMessage } from "node:http";
import type { Egress } from "./egress.ts";
import { endToEndFields, fieldPairs, type RawFields } from "./hop-by-hop.ts";
import { sendNoAnswer } from "./http-reply.ts";
import type { IdentifyClient } from "./identify-client.ts";
import { request as openRequest, ServerResponse } from "./node-http.ts";
import { openForward, readForward, toHostRequest } from "./open-forward.ts";
import { relayResponse } from "./relay-response.ts";
import type { Wire } from "./wire.ts";

/**
 * Whether a request is one to switch protocols (RFC 9110 §7.8). HTTP/2 is not offered on: its requests would pass
 * without being judged one by one.
 */
export function isUpgrade(request: IncomingMessage): boolean {
  const { headers } = request;
  // Where a body ends and the other protocol begins is read in two ways; with a body, it is an ordinary request.
  if (headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0") return false;
  const wanted = headers.upgrade?.toLowerCase() ?? "";
  return request.httpVersion === "1.1" && wanted !== "" && !wanted.includes("h2c") && !wanted.includes("http/");
}

/**
 * Serves one request in absolute form that asks for another protocol. When the host agrees, the connection becomes
 * a checked tunnel to it; any other answer is relayed and ends the connection. Never rejects.
 */
export async function serveUpgrade(options: {
  readonly request: IncomingMessage;
  /** Nobody listens to it. */
  readonly client: Wire;
  readonly egress: Egress;
  readonly identify: IdentifyClient;
  /** Without a byte from or to the host for so long, the exchange ends; 0 is never. */
  readonly idleTimeoutMs: number;
}): Promise<void> {
  const { request, egress, idleTimeoutMs } = options;
  const client = options.client.socket;
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(client);
  response.on("finish", () => client.destroySoon());
  const exchange = { request, response };
  const forward = await readForward(exchange, egress, options.identify);
  const connection = forward && (await openForward(exchange, forward, egress));
  if (!forward || !connection) return;
  const { socket } = connection;
  const upgrade = request.headers.upgrade ?? "";
  let failureStatus: 502 | 504 = 502;
  const onIdle = (): void => {
    failureStatus = 504;
    connection.close("idle for too long");
  };
  socket.setTimeout(idleTimeoutMs, onIdle);
  const onLeft = (): void => {
    if (!response.writableFinished) connection.noteEnd("the client broke off");
    socket.destroy();
  };
  client.on("close", onLeft);
  const { path, fields } = toHostRequest(exchange, forward, connection);
  const upstream = openRequest({
    createConnection: () => socket,
    method: request.method,
    path,
    headers: [...fields, "Connection", "Upgrade", "Upgrade", upgrade],
  });
  upstream.on("upgrade", (answer, _upgraded, upstreamHead) => {
    // From here on both sockets are the tunnel's.
    socket.off("timeout", onIdle);
    client.off("close", onLeft);
    response.detachSocket(client);
    client.write(toSwitchingHead(answer, upgrade), "latin1");
    const { clientId } = forward.wanted;
    const who = { clientId, protocol: "http" } as const;
    void egress.relay({ connection, client: options.client, who, ahead: upstreamHead });
  });
  upstream.on("error", () => {
    sendNoAnswer(response, forward.destination.target.host, failureStatus);
  });
  relayResponse({ request, upstream, response, isThroughProxy: connection.absoluteForm !== null });
  upstream.end();
}

function toSwitchingHead(answer: IncomingMessage, wanted: string): string {
  const kept: RawFields = endToEndFields(answer.rawHeaders);
  const lines = fieldPairs(kept).map(([name, value]) => `${name}: ${value}\r\n`);
  const upgrade = answer.headers.upgrade ?? wanted;
  return `HTTP/1.1 101 Switching Protocols\r\n${lines.join("")}Connection: Upgrade\r\nUpgrade: ${upgrade}\r\n\r\n`;
}
