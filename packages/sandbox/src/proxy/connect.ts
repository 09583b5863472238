import { SandboxError } from "../errors.ts";
import { parseAuthority, type Target } from "../filter/target.ts";
import type { ConnectRequest } from "./connect-head.ts";
import type { Egress } from "./egress.ts";
import { explainRefusal, toAskedHost } from "./explain.ts";
import { type HttpReply, toHttpBytes } from "./http-reply.ts";
import type { IdentifyClient } from "./identify-client.ts";
import { closeAfter } from "./linger.ts";
import { replies } from "./reply.ts";
import type { Wire } from "./wire.ts";

/**
 * Serves one CONNECT request (RFC 9110 §9.3.6): an answer only once the host has answered, then a tunnel that begins
 * with the bytes that `client` has kept. After a refusal the connection can carry another request: `reuse` takes it.
 * Never rejects.
 */
export async function serveConnect(options: {
  readonly request: ConnectRequest;
  /** Nobody listens to it. */
  readonly client: Wire;
  readonly egress: Egress;
  readonly identify: IdentifyClient;
  readonly reuse: () => void;
}): Promise<void> {
  const { request, client, egress, identify } = options;
  const { socket } = client;
  const refuse = (reply: HttpReply): void => {
    if (socket.destroyed) return;
    // Whatever follows a malformed request, or one that announced a body, cannot be told apart from that body.
    if (reply.status !== 400 && request.isPersistent) {
      // Not before this answer is on its way, and others had their turn: requests may come thousands at a time.
      socket.write(toHttpBytes(reply, "keep-alive"), (error) => {
        if (!error) setImmediate(options.reuse);
      });
    } else {
      closeAfter(client, toHttpBytes(reply, "close"));
    }
  };

  const who = await identify(request.authorization, socket);
  if (who.kind === "refused") {
    egress.log.begin({ ...toAsked(request), clientId: null }).refused(who.reason);
    return refuse({ status: 407, text: `Koda's proxy refused: ${who.reason}.\n` });
  }
  const { clientId } = who;
  const target = parseTarget(request);
  if (target instanceof SandboxError) {
    egress.log.begin({ ...toAsked(request), clientId }).refused("not a valid CONNECT request");
    return refuse({ status: 400, text: "Bad request: CONNECT needs host:port and no body.\n" });
  }
  const outcome = await egress.connect({ target, clientId, protocol: "http-connect", client: socket });
  if (outcome.kind === "none") {
    const { httpStatus: status } = replies[outcome.cause];
    const text = outcome.cause === "denied" ? explainRefusal(target, outcome) : `Koda: ${outcome.reason}.\n`;
    return refuse({ status, text });
  }
  socket.write("HTTP/1.1 200 Connection Established\r\n\r\n", "latin1");
  const { connection } = outcome;
  await egress.relay({ connection, client, who: { clientId, protocol: "http-connect" } });
}

function parseTarget({ authority, hasBody }: ConnectRequest): Target | SandboxError {
  if (hasBody) return new SandboxError("bad_target", "a CONNECT request has no body");
  if (!/^[!-~]+$/.test(authority)) return new SandboxError("bad_target", "bytes that no authority has");
  try {
    return parseAuthority(authority);
  } catch (error) {
    if (error instanceof SandboxError) return error;
    throw error;
  }
}

function toAsked({ authority }: ConnectRequest) {
  return { protocol: "http-connect", host: toAskedHost(authority), port: 0 } as const;
}
