import { SandboxError } from "../errors.ts";
import { parseHost, type Target } from "../filter/target.ts";
import { type Authentication, type Authorization, authorize } from "./authorize.ts";
import type { ClientRegistry } from "./client-registry.ts";
import type { Egress } from "./egress.ts";
import { toPrintable } from "./explain.ts";
import { type FindClient, identifyAnonymous } from "./identify-client.ts";
import { closeAfter } from "./linger.ts";
import { readMessage } from "./read-message.ts";
import { replies } from "./reply.ts";
import {
  decodeCredentials,
  decodeGreeting,
  decodeRequest,
  encodeCredentialsStatus,
  encodeMethod,
  encodeReply,
  type Socks5Request,
} from "./socks5-codec.ts";
import type { Wire } from "./wire.ts";

export interface Socks5SessionOptions {
  readonly client: Wire;
  readonly egress: Egress;
  readonly authentication: Authentication;
  readonly clients: ClientRegistry | undefined;
  readonly findClient?: FindClient | undefined;
  readonly handshakeTimeoutMs: number;
}

/**
 * Serves one SOCKS5 client (RFC 1928, RFC 1929): one CONNECT, answered when the outcome of the dial is known, then a
 * tunnel that begins with the bytes sent ahead. Any other request gets its reply code and the end. Never rejects.
 */
export async function serveSocks5(options: Socks5SessionOptions): Promise<void> {
  const { client, egress } = options;
  const { socket } = client;
  const timer = setTimeout(() => socket.destroy(), options.handshakeTimeoutMs);

  const who = await authenticate(options);
  const request = who && (await readMessage(client, decodeRequest));
  clearTimeout(timer);
  if (!who || !request) {
    // Not even a reply would be understood; what the session had to say is said.
    socket.destroySoon();
    return;
  }
  const refuse = (reply: number): void => closeAfter(client, encodeReply(reply));
  const asked = {
    clientId: who.clientId,
    protocol: "socks5",
    host: toPrintable(request.host ?? ""),
    port: request.port,
  } as const;
  if (request.command !== 1) {
    egress.log.begin(asked).refused("only the SOCKS command CONNECT is served");
    return refuse(commandNotSupported);
  }
  if (request.host === null) {
    egress.log.begin(asked).refused("an unknown SOCKS address type");
    return refuse(addressTypeNotSupported);
  }
  const target = parseTarget(request.host, request);
  if (!target) {
    egress.log.begin(asked).refused("not a valid host and port");
    return refuse(generalFailure);
  }
  const { clientId } = who;
  const outcome = await egress.connect({ target, clientId, protocol: "socks5", client: socket });
  if (outcome.kind === "none") return refuse(replies[outcome.cause].socksReply);
  socket.write(encodeReply(0));
  const { connection } = outcome;
  await egress.relay({ connection, client, who: { clientId, protocol: "socks5" } });
}

/** Null when the session is over: nothing acceptable was offered, or the wrong credentials. */
async function authenticate(options: Socks5SessionOptions): Promise<(Authorization & { readonly kind: "ok" }) | null> {
  const { client, authentication, egress } = options;
  const { socket } = client;
  const greeting = await readMessage(client, decodeGreeting);
  if (!greeting) return null;
  const method = chooseMethod(greeting.methods, authentication);
  socket.write(encodeMethod(method));
  if (method === 255) {
    const reason = "no acceptable authentication method was offered";
    egress.log.begin({ clientId: null, protocol: "socks5", host: "", port: 0 }).refused(reason);
    return null;
  }
  const credentials = method === 2 ? await readMessage(client, decodeCredentials) : null;
  if (method === 2 && !credentials) return null;
  const who = await identifyAnonymous(authorize({ ...options, credentials }), socket, options.findClient);
  if (who.kind === "refused") {
    egress.log.begin({ clientId: null, protocol: "socks5", host: "", port: 0 }).refused(who.reason);
    socket.write(encodeCredentialsStatus(1));
    return null;
  }
  if (method === 2) socket.write(encodeCredentialsStatus(0));
  return who;
}

/** Credentials are asked of every client that has some, unless nobody reads them. */
function chooseMethod(offered: readonly number[], authentication: Authentication): 0 | 2 | 255 {
  if (authentication !== "none" && offered.includes(2)) return 2;
  if (authentication !== "required" && offered.includes(0)) return 0;
  return 255;
}

function parseTarget(host: string, { port }: Socks5Request): Target | null {
  // Names travel as ASCII (RFC 1928 says no more); one character per byte keeps anything else out.
  if (!/^[!-~]+$/.test(host)) return null;
  try {
    return parseHost(host, port);
  } catch (error) {
    if (error instanceof SandboxError) return null;
    throw error;
  }
}

const generalFailure = 1;
const commandNotSupported = 7;
const addressTypeNotSupported = 8;
