import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { AnswerQueue } from "./answer-queue.ts";
import { serveConnect } from "./connect.ts";
import { containFault } from "./contain-fault.ts";
import type { Egress } from "./egress.ts";
import { FilteringProxy } from "./filtering-proxy.ts";
import { serveForward } from "./forward.ts";
import { sendReply } from "./http-reply.ts";
import { createIdentifyClient } from "./identify-client.ts";
import type { ProxyLimits } from "./limits.ts";
import { ProxyLifetime, toLimits } from "./proxy-lifetime.ts";
import type { ProxyOptions } from "./proxy-options.ts";
import { refuseUnreadable } from "./refuse-unreadable.ts";
import { isUpgrade, serveUpgrade } from "./upgrade.ts";

/** A filtering HTTP proxy: CONNECT tunnels, forwarded requests in absolute form, and upgrades of these. */
export class BuiltInProxy extends FilteringProxy {
  readonly protocol = "http";

  /** @throws {SandboxError} `listen_failed`. Rejects with `signal.reason` when aborted before it listens. */
  static async open(options: ProxyOptions): Promise<BuiltInProxy> {
    return new BuiltInProxy(await ProxyLifetime.open(options, createHttpServer));
  }
}

function createHttpServer(egress: Egress, options: ProxyOptions): Server {
  const limits = toLimits(options);
  const identify = createIdentifyClient({ authentication: options.authentication, clients: options.clients });
  const server = createServer({ ...serverOptions(limits), shouldUpgradeCallback: isUpgrade });
  // All fields of a head that fits the size limit are read; the default drops those after the 2,000th.
  server.maxHeadersCount = 0;
  server.maxConnections = limits.maxConnections;
  const answers = new AnswerQueue();
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const turn = answers.join(request.socket, response);
    if (request.method === "TRACE") {
      sendReply(response, { status: 405, text: "Koda's proxy forwards no TRACE requests.\n" });
    } else if (request.method === "OPTIONS" && request.url === "*") {
      response.writeHead(204, { Allow: "CONNECT, GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH" }).end();
    } else {
      const { idleTimeoutMs } = limits;
      const served = turn.then((isOurs) =>
        isOurs ? serveForward({ request, response, egress, identify, idleTimeoutMs }) : undefined,
      );
      containFault(served, request.socket);
    }
  };
  server.on("request", onRequest);
  server.on("checkContinue", onRequest);
  server.on("connect", (request: IncomingMessage, stream, head: Buffer) => {
    const client = toSocket(stream);
    const reuse = (socket: Socket): void => {
      socket.removeAllListeners("timeout");
      server.emit("connection", socket);
    };
    containFault(serveConnect({ request, client, head, egress, identify, reuse }), client);
  });
  server.on("upgrade", (request: IncomingMessage, stream, head: Buffer) => {
    const client = toSocket(stream);
    const { idleTimeoutMs } = limits;
    containFault(serveUpgrade({ request, client, head, egress, identify, idleTimeoutMs }), client);
  });
  server.on("clientError", (error, stream) => {
    const client = toSocket(stream);
    refuseUnreadable({ error, client, response: answers.last(client) });
  });
  return server;
}

/** Node types these as streams because a server may be given any; ours accepts sockets only. */
function toSocket(stream: Duplex): Socket {
  if (!(stream instanceof Socket)) throw new TypeError("a connection that is no socket");
  return stream;
}

function serverOptions(limits: ProxyLimits): ServerOptions {
  return {
    noDelay: true,
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.handshakeTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    // Uploads may take as long as bytes move; silence ends with the idle limit of the connection to the host.
    requestTimeout: 0,
    connectionsCheckingInterval: Math.max(50, Math.min(2_000, limits.handshakeTimeoutMs / 4)),
    // A request to a proxy names its host in the request line.
    requireHostHeader: false,
  };
}
