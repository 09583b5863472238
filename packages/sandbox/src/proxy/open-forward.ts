import type { IncomingMessage, ServerResponse } from "node:http";
import { SandboxError } from "../errors.ts";
import type { Egress, EgressRequest } from "./egress.ts";
import type { EgressConnection } from "./egress-connection.ts";
import { explainRefusal, toAskedHost } from "./explain.ts";
import { endToEndFields, fieldValues, type RawFields } from "./hop-by-hop.ts";
import { sendReply } from "./http-reply.ts";
import type { IdentifyClient } from "./identify-client.ts";
import { replies } from "./reply.ts";
import { parseAbsoluteForm, type RequestTarget } from "./request-target.ts";

/** A request to forward, with the answer it will get. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** A request that is well-formed and from a known client. */
export interface Forward {
  readonly destination: RequestTarget;
  /** What the way out shall be asked for. */
  readonly wanted: EgressRequest;
}

/** Reads and identifies one request in absolute form. Null when the client has its refusal. */
export async function readForward(
  { request, response }: Exchange,
  egress: Egress,
  identify: IdentifyClient,
): Promise<Forward | null> {
  const asked = { protocol: "http", port: 0 } as const;
  const who = await identify(request.headers["proxy-authorization"], request.socket);
  if (who.kind === "refused") {
    egress.log.begin({ ...asked, host: toAskedHost(request.url ?? ""), clientId: null }).refused(who.reason);
    sendReply(response, { status: 407, text: `Koda's proxy refused: ${who.reason}.\n` });
    return null;
  }
  const { clientId } = who;
  const destination = parseRequest(request);
  if (typeof destination === "string") {
    egress.log.begin({ ...asked, host: toAskedHost(request.url ?? ""), clientId }).refused(destination);
    response.shouldKeepAlive = false;
    sendReply(response, { status: 400, text: `Bad request: ${destination}.\n` });
    return null;
  }
  return { destination, wanted: { target: destination.target, clientId, protocol: "http", client: request.socket } };
}

/** Connects to the host of a request. Null when the client has its refusal, or has left. Never rejects. */
export async function openForward(
  { response }: Exchange,
  { wanted }: Forward,
  egress: Egress,
): Promise<EgressConnection | null> {
  const outcome = await egress.connect(wanted);
  if (outcome.kind === "none") {
    const { httpStatus: status } = replies[outcome.cause];
    const text = outcome.cause === "denied" ? explainRefusal(wanted.target, outcome) : `Koda: ${outcome.reason}.\n`;
    sendReply(response, { status, text });
    return null;
  }
  const { connection } = outcome;
  if (response.closed || wanted.client.destroyed) {
    connection.close("the client broke off");
    return null;
  }
  return connection;
}

/**
 * What the host shall read, framing aside: Host of the target, then the client's end-to-end fields. Toward an upstream
 * proxy the request keeps its absolute form, and names that proxy's credentials.
 */
export function toHostRequest(
  { request }: Exchange,
  { destination }: Forward,
  { absoluteForm }: EgressConnection,
): { readonly path: string; readonly fields: RawFields } {
  // Trailers can follow a chunked body only; announcing them before another is a mistake that no message may repeat.
  const isChunked = request.headers["transfer-encoding"] !== undefined;
  const kept = endToEndFields(request.rawHeaders, "host", ...(isChunked ? [] : ["trailer"]));
  const fields = ["Host", destination.hostField, ...kept, "Via", `${request.httpVersion} koda`];
  if (absoluteForm === null) return { path: destination.path, fields };
  const { authorization } = absoluteForm;
  const path = `http://${destination.hostField}${destination.path === "*" ? "" : destination.path}`;
  return { path, fields: authorization === null ? fields : [...fields, "Proxy-Authorization", authorization] };
}

/** Why the request is none, or where it goes. The parser is strict already; this refuses what hosts read differently. */
function parseRequest(request: IncomingMessage): RequestTarget | string {
  const { rawHeaders, method = "", url = "" } = request;
  const encodings = fieldValues(rawHeaders, "transfer-encoding");
  const lengths = fieldValues(rawHeaders, "content-length");
  if (encodings.length + lengths.length > 1) return "the length of the body is given more than once";
  if ((encodings[0] ?? "chunked").toLowerCase() !== "chunked") return "the only transfer coding is chunked";
  if (fieldValues(rawHeaders, "host").length > 1) return "several Host fields";
  try {
    return parseAbsoluteForm(method, url);
  } catch (error) {
    if (error instanceof SandboxError) return "not an absolute http URL of a valid host (https goes through CONNECT)";
    throw error;
  }
}
