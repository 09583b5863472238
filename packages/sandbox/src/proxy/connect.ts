import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { SandboxError } from "../errors.ts";
import { parseAuthority, type Target } from "../filter/target.ts";
import type { Egress } from "./egress.ts";
import { explainRefusal, toAskedHost } from "./explain.ts";
import { type HttpReply, toHttpBytes } from "./http-reply.ts";
import type { IdentifyClient } from "./identify-client.ts";
import { closeAfter } from "./linger.ts";
import { replies } from "./reply.ts";

/**
 * Serves one CONNECT request (RFC 9110 §9.3.6): an answer only once the host has answered, then a tunnel that begins
 * with the bytes sent ahead in `head`. After a refusal the connection can carry another request: `reuse` takes it.
 * Never rejects.
 */
export async function serveConnect(options: {
  readonly request: IncomingMessage;
  readonly client: Socket;
  readonly head: Buffer;
  readonly egress: Egress;
  readonly identify: IdentifyClient;
  readonly reuse: (client: Socket) => void;
}): Promise<void> {
  const { request, client, head, egress, identify } = options;
  const left = new AbortController();
  const onClose = (): void => left.abort();
  client.once("close", onClose);
  // `close` follows and is what counts.
  const onError = (): void => undefined;
  client.on("error", onError);
  if (head.length > 0) client.unshift(head);

  const refuse = (reply: HttpReply): void => {
    // A socket that is gone would be taken back for ever: no further event would come from it.
    if (client.destroyed) return;
    // Whatever follows a malformed request, or one that announced a body, cannot be told apart from that body.
    const isReusable = reply.status !== 400 && request.httpVersion === "1.1";
    if (isReusable) {
      client.write(toHttpBytes(reply, "keep-alive"));
      client.off("close", onClose);
      client.off("error", onError);
      options.reuse(client);
    } else {
      closeAfter(client, toHttpBytes(reply, "close"));
    }
  };

  const url = request.url ?? "";
  const asked = { protocol: "http-connect", host: toAskedHost(url), port: 0 } as const;
  const who = identify(request);
  if (who.kind === "refused") {
    egress.log.begin({ ...asked, clientId: null }).refused(who.reason);
    return refuse({ status: 407, text: `Koda's proxy refused: ${who.reason}.\n` });
  }
  const target = parseTarget(request);
  if (target instanceof SandboxError) {
    egress.log.begin({ ...asked, clientId: who.clientId }).refused("not a valid CONNECT request");
    return refuse({ status: 400, text: "Bad request: CONNECT needs host:port and no body.\n" });
  }
  const { clientId } = who;
  const outcome = await egress.connect({ target, clientId, protocol: "http-connect", signal: left.signal });
  if (outcome.kind === "none") {
    const { httpStatus: status } = replies[outcome.cause];
    const text = outcome.cause === "denied" ? explainRefusal(target, outcome) : `Koda: ${outcome.reason}.\n`;
    return refuse({ status, text });
  }
  client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
  await outcome.connection.relay(client);
}

function parseTarget(request: IncomingMessage): Target | SandboxError {
  const { headers, url = "" } = request;
  const hasBody = headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
  if (hasBody) return new SandboxError("bad_target", "a CONNECT request has no body");
  if (!/^[!-~]+$/.test(url)) return new SandboxError("bad_target", "bytes that no authority has");
  try {
    return parseAuthority(url);
  } catch (error) {
    if (error instanceof SandboxError) return error;
    throw error;
  }
}
