import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Filter } from "../filter/filter.ts";
import { AnswerQueue } from "./answer-queue.ts";
import { serveConnect } from "./connect.ts";
import { containFault } from "./contain-fault.ts";
import type { Egress } from "./egress.ts";
import { serveForward } from "./forward.ts";
import { sendReply } from "./http-reply.ts";
import { createIdentifyClient } from "./identify-client.ts";
import type { ProxyLimits } from "./limits.ts";
import type { ConnectionEvent, ConnectionListener, ProxyHandle, ProxyStats } from "./proxy-handle.ts";
import { createEgress, ProxyLifetime, toLimits } from "./proxy-lifetime.ts";
import type { ProxyOptions } from "./proxy-options.ts";
import { refuseUnreadable } from "./refuse-unreadable.ts";
import { toUrl } from "./to-url.ts";
import { isUpgrade, serveUpgrade } from "./upgrade.ts";

/** A filtering HTTP proxy: CONNECT tunnels, forwarded requests in absolute form, and upgrades of these. */
export class BuiltInProxy implements ProxyHandle {
  readonly protocol = "http";
  readonly #lifetime: ProxyLifetime;

  /** @throws {SandboxError} `listen_failed`. Rejects with `signal.reason` when aborted before it listens. */
  static async open(options: ProxyOptions): Promise<BuiltInProxy> {
    let lifetime: ProxyLifetime | null = null;
    const egress = createEgress(options, (address, port) => lifetime?.listener.isSelf(address, port) ?? false);
    lifetime = await ProxyLifetime.open(createHttpServer(egress, options), egress, options);
    return new BuiltInProxy(lifetime);
  }

  private constructor(lifetime: ProxyLifetime) {
    this.#lifetime = lifetime;
  }

  get host(): string {
    return this.#lifetime.listener.host;
  }

  get port(): number {
    return this.#lifetime.listener.port;
  }

  get url(): string {
    return toUrl("http", this);
  }

  stats(): ProxyStats {
    return this.#lifetime.egress.log.stats();
  }

  recentEvents(): readonly ConnectionEvent[] {
    return this.#lifetime.egress.log.recentEvents();
  }

  subscribe(listener: ConnectionListener): () => void {
    return this.#lifetime.egress.log.subscribe(listener);
  }

  setFilter(filter: Filter): void {
    this.#lifetime.egress.setFilter(filter);
  }

  /** Accepts nothing more, lets what is open finish for up to `graceMs`, then disposes. */
  drain(graceMs: number): Promise<void> {
    return this.#lifetime.drain(graceMs);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#lifetime[Symbol.asyncDispose]();
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
