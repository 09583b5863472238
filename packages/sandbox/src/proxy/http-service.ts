import type { IncomingMessage, Server, ServerOptions, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { AnswerQueue } from "./answer-queue.ts";
import { serveConnect } from "./connect.ts";
import { type ConnectRequest, readConnectHead } from "./connect-head.ts";
import { containFault } from "./contain-fault.ts";
import type { Egress } from "./egress.ts";
import { serveForward } from "./forward.ts";
import { isRepeatable, KeptConnections } from "./forward-kept.ts";
import { sendReply, toHttpBytes, usualMethods } from "./http-reply.ts";
import type { IdentifyClient } from "./identify-client.ts";
import type { ProxyLimits } from "./limits.ts";
import { closeAfter } from "./linger.ts";
import type { Service } from "./listener.ts";
import { createServer } from "./node-http.ts";
import { type Exchange, readForward } from "./open-forward.ts";
import { refuseUnreadable } from "./refuse-unreadable.ts";
import { isUpgrade, serveUpgrade } from "./upgrade.ts";
import type { Wire } from "./wire.ts";

export interface HttpServiceOptions {
  readonly egress: Egress;
  readonly identify: IdentifyClient;
  readonly limits: ProxyLimits;
}

/**
 * Serves the clients of an HTTP proxy. A CONNECT in its usual form is read right here; every other request, and every
 * odd one, goes to Node's parser, which decides what is HTTP.
 */
export class HttpService implements Service {
  readonly #options: HttpServiceOptions;
  /** Listens nowhere: it is given its connections. */
  readonly #parser: Server;
  readonly #answers = new AnswerQueue();
  readonly #kept: KeptConnections;
  /** Clients between two requests. */
  readonly #waiting = new Set<Wire>();
  /** What the sockets that the parser has were before: it may give them back. */
  readonly #wires = new WeakMap<Duplex, Wire>();
  #isStopped = false;

  constructor(options: HttpServiceOptions) {
    this.#options = options;
    this.#kept = new KeptConnections(options.egress, options.limits.idleTimeoutMs);
    this.#parser = this.#createParser();
  }

  serve(client: Wire): void {
    this.#awaitRequest(client, this.#options.limits.handshakeTimeoutMs);
  }

  stop(): void {
    this.#isStopped = true;
    for (const client of this.#waiting) client.socket.destroy();
    this.#parser.close(() => undefined); // its timer, and connections that rest between requests
  }

  #awaitRequest(client: Wire, timeoutMs: number): void {
    const { socket } = client;
    if (this.#isStopped || socket.destroyed) {
      socket.destroySoon();
      return;
    }
    const timer = setTimeout(() => {
      settle();
      closeAfter(client, toHttpBytes({ status: 408, text: "No request arrived.\n" }, "close"));
    }, timeoutMs);
    const settle = (): void => {
      clearTimeout(timer);
      this.#waiting.delete(client);
      client.unlisten();
    };
    this.#waiting.add(client);
    client.listen({
      onBytes: (bytes) => {
        settle();
        this.#serveFirst(client, bytes);
      },
      onEnd: () => {
        settle();
        socket.destroySoon();
      },
      onClose: settle,
    });
  }

  #serveFirst(client: Wire, bytes: Buffer): void {
    const head = readConnectHead(bytes, this.#options.limits.maxHeaderBytes);
    if (head) {
      client.keep(bytes.subarray(head.size));
      this.#serveConnect(client, head.request);
    } else {
      client.keep(bytes);
      this.#toParser(client);
    }
  }

  #serveConnect(client: Wire, request: ConnectRequest): void {
    const { egress, identify, limits } = this.#options;
    const timeoutMs = Math.min(limits.keepAliveTimeoutMs, maxWaitAfterRefusalMs);
    const reuse = (): void => this.#awaitRequest(client, timeoutMs);
    containFault(serveConnect({ request, client, egress, identify, reuse }), client.socket);
  }

  async #forward(exchange: Exchange): Promise<void> {
    const { egress, identify, limits } = this.#options;
    const forward = await readForward(exchange, egress, identify);
    if (!forward) return;
    if (isRepeatable(exchange.request)) await this.#kept.serve(exchange, forward);
    else await serveForward({ exchange, forward, egress, idleTimeoutMs: limits.idleTimeoutMs });
  }

  #toParser(client: Wire): void {
    this.#wires.set(client.socket, client);
    this.#parser.emit("connection", client.release());
  }

  #createParser(): Server {
    const { egress, identify, limits } = this.#options;
    const { idleTimeoutMs } = limits;
    const server = createServer({ ...serverOptions(limits), shouldUpgradeCallback: isUpgrade });
    // All fields of a head that fits the size limit are read; the default drops those after the 2,000th.
    server.maxHeadersCount = 0;
    const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
      if (this.#isStopped) response.shouldKeepAlive = false;
      response.once("close", () => {
        if (this.#isStopped) server.closeIdleConnections();
      });
      const turn = this.#answers.join(request.socket, response);
      if (request.method === "TRACE") {
        sendReply(response, { status: 405, text: "Koda's proxy forwards no TRACE requests.\n" });
      } else if (request.method === "OPTIONS" && request.url === "*") {
        response.writeHead(204, { Allow: usualMethods }).end();
      } else {
        const served = turn.then((isOurs) => (isOurs ? this.#forward({ request, response }) : undefined));
        containFault(served, request.socket);
      }
    };
    server.on("request", onRequest);
    server.on("checkContinue", onRequest);
    server.on("checkExpectation", onRequest); // of a kind that Node does not know: the host decides
    server.on("connect", (request: IncomingMessage, stream, head: Buffer) => {
      const client = this.#takeBack(stream, head);
      const served = this.#answers.untilAnswered(client.socket).then((isOurs) => {
        if (isOurs) this.#serveConnect(client, toConnectRequest(request));
      });
      containFault(served, client.socket);
    });
    server.on("upgrade", (request: IncomingMessage, stream, head: Buffer) => {
      const client = this.#takeBack(stream, head);
      const served = this.#answers
        .untilAnswered(client.socket)
        .then((isOurs) => (isOurs ? serveUpgrade({ request, client, egress, identify, idleTimeoutMs }) : undefined));
      containFault(served, client.socket);
    });
    server.on("clientError", (error, stream) => {
      const client = this.#wireOf(stream);
      refuseUnreadable({ error, client, response: this.#answers.last(client.socket) });
    });
    // What a server does when it begins to listen: here, to watch the time limits of its connections.
    server.emit("listening");
    return server;
  }

  /** A connection that the parser has done with; `head` are bytes that it read beyond the request. */
  #takeBack(stream: Duplex, head: Buffer): Wire {
    const client = this.#wireOf(stream);
    client.socket.removeAllListeners("timeout");
    client.keep(head);
    return client;
  }

  #wireOf(stream: Duplex): Wire {
    const wire = this.#wires.get(stream);
    if (!wire) throw new TypeError("a connection that no listener accepted");
    return wire;
  }
}

/** Some clients come back with other credentials at once; others leave it to the proxy to close, and wait till it does. */
const maxWaitAfterRefusalMs = 5_000;

function toConnectRequest({ url = "", headers, httpVersion }: IncomingMessage): ConnectRequest {
  return {
    authority: url,
    authorization: headers["proxy-authorization"],
    isPersistent: httpVersion === "1.1",
    hasBody: headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0",
  };
}

function serverOptions(limits: ProxyLimits): ServerOptions {
  return {
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
