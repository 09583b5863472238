import type { IncomingMessage, ServerResponse } from "node:http";
import { SandboxError } from "../errors.ts";
import type { Egress, OpenConnection } from "./egress.ts";
import { explainRefusal, toAskedHost } from "./explain.ts";
import { endToEndFields, fieldValues, type RawFields, withoutField } from "./hop-by-hop.ts";
import { sendReply } from "./http-reply.ts";
import type { IdentifyClient } from "./identify-client.ts";
import { replies } from "./reply.ts";
import { parseAbsoluteForm, type RequestTarget } from "./request-target.ts";

/** A forwarded request whose host has answered the dial. */
export interface Forward {
  readonly connection: OpenConnection;
  readonly destination: RequestTarget;
  /** What the host shall read, framing aside: Host of the target, then the client's end-to-end fields. */
  readonly fields: RawFields;
}

/** Judges one request in absolute form and connects to its host. Null when the client has its refusal. Never rejects. */
export async function openForward(options: {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly egress: Egress;
  readonly identify: IdentifyClient;
}): Promise<Forward | null> {
  const { request, response, egress, identify } = options;
  const asked = { protocol: "http", host: toAskedHost(request.url ?? ""), port: 0 } as const;
  const who = identify(request);
  if (who.kind === "refused") {
    egress.log.begin({ ...asked, clientId: null }).refused(who.reason);
    sendReply(response, { status: 407, text: `Koda's proxy refused: ${who.reason}.\n` });
    return null;
  }
  const { clientId } = who;
  const destination = parseRequest(request);
  if (typeof destination === "string") {
    egress.log.begin({ ...asked, clientId }).refused(destination);
    response.shouldKeepAlive = false;
    sendReply(response, { status: 400, text: `Bad request: ${destination}.\n` });
    return null;
  }
  const left = new AbortController();
  response.once("close", () => left.abort());
  const { target } = destination;
  const outcome = await egress.connect({ target, clientId, protocol: "http", signal: left.signal });
  if (outcome.kind === "none") {
    const { httpStatus: status } = replies[outcome.cause];
    const text = outcome.cause === "denied" ? explainRefusal(target, outcome) : `Koda: ${outcome.reason}.\n`;
    sendReply(response, { status, text });
    return null;
  }
  const { connection } = outcome;
  if (left.signal.aborted) {
    connection.noteEnd("the client broke off");
    connection.socket.destroy();
    return null;
  }
  const kept = withoutField(endToEndFields(request.rawHeaders), "host");
  // Trailers can follow a chunked body only; announcing them before another is a mistake that no message may repeat.
  const announced = request.headers["transfer-encoding"] === undefined ? withoutField(kept, "trailer") : kept;
  const fields = ["Host", destination.hostField, ...announced, "Via", `${request.httpVersion} koda`];
  return { connection, destination, fields };
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
