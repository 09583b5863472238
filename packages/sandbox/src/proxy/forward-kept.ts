import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Client, Dispatcher } from "undici";
import type { Egress } from "./egress.ts";
import type { EgressConnection } from "./egress-connection.ts";
import { maxResponseHeaderBytes } from "./forward.ts";
import { addEndToEndTrailers, endToEndFields, fieldValues, type RawFields } from "./hop-by-hop.ts";
import { sendNoAnswer, sendReply } from "./http-reply.ts";
import { STATUS_CODES } from "./node-http.ts";
import { type Exchange, type Forward, openForward, toHostRequest } from "./open-forward.ts";
import {
  isChunkedAlone,
  mayHaveTrailers,
  sendHead,
  toInterimHead,
  upstreamWantsCredentials,
} from "./relay-response.ts";

/**
 * Whether a request may be sent on a connection that served another before: only one that can be sent again should
 * the host have closed that connection meanwhile (RFC 9112 §9.3.1), and that has nothing but a head.
 */
export function isRepeatable({ method, headers }: IncomingMessage): boolean {
  if (method !== "GET" && method !== "HEAD") return false;
  const hasBody = headers["transfer-encoding"] !== undefined || headers["content-length"] !== undefined;
  return !hasBody && headers.expect === undefined;
}

/**
 * Forwards repeatable requests, and keeps for each client the connection of its last one: the next to the same host
 * and port finds it open, if the rules still say the same. No connection serves two clients.
 */
export class KeptConnections {
  readonly #byClient = new WeakMap<Socket, Kept>();
  /** Clients whose end also ends what is kept for them. */
  readonly #watched = new WeakSet<Socket>();
  readonly #egress: Egress;
  readonly #idleTimeoutMs: number;

  /** Without a byte from or to the host for `idleTimeoutMs`, an exchange ends; 0 is never. */
  constructor(egress: Egress, idleTimeoutMs: number) {
    this.#egress = egress;
    this.#idleTimeoutMs = idleTimeoutMs;
  }

  /** Serves one request. Never rejects. */
  async serve(exchange: Exchange, forward: Forward): Promise<void> {
    const kept = this.#take(forward);
    if (kept && (await this.#exchange(kept, exchange, forward)) !== "lost") return;
    const connection = await openForward(exchange, forward, this.#egress);
    if (!connection) return;
    const opened = { connection, client: await createClient(connection) };
    if (exchange.response.closed || forward.wanted.client.destroyed) {
      connection.close("the client broke off"); // while the HTTP client was loaded
      return;
    }
    if ((await this.#exchange(opened, exchange, forward)) === "lost")
      sendNoAnswer(exchange.response, forward.destination.target.host, 502);
  }

  #take({ wanted }: Forward): Kept | null {
    const kept = this.#byClient.get(wanted.client);
    if (!kept) return null;
    this.#byClient.delete(wanted.client);
    const { target } = kept.connection;
    if (target.host !== wanted.target.host || target.port !== wanted.target.port) {
      kept.connection.socket.destroy();
      return null;
    }
    return this.#egress.reuse(kept.connection, wanted) ? kept : null;
  }

  #keep(client: Socket, kept: Kept): void {
    kept.connection.rest();
    if (client.destroyed) {
      kept.connection.socket.destroy();
      return;
    }
    if (!this.#watched.has(client)) {
      this.#watched.add(client);
      client.once("close", () => this.#byClient.get(client)?.connection.socket.destroy());
    }
    this.#byClient.set(client, kept);
  }

  /** `lost`: the connection ended before a byte of an answer, and the client has been told nothing. */
  #exchange(kept: Kept, exchange: Exchange, forward: Forward): Promise<"done" | "lost"> {
    const { request, response } = exchange;
    const { connection, client } = kept;
    const { socket } = connection;
    return new Promise((resolve) => {
      let isIdle = false;
      const onIdle = (): void => {
        isIdle = true;
        connection.close("idle for too long");
      };
      const onLeft = (): void => connection.close("the client broke off");
      const settle = (outcome: "done" | "lost"): void => {
        socket.setTimeout(0);
        socket.off("timeout", onIdle);
        response.off("close", onLeft);
        resolve(outcome);
      };
      socket.setTimeout(this.#idleTimeoutMs);
      socket.on("timeout", onIdle);
      response.on("close", onLeft);
      const { path, fields } = toHostRequest(exchange, forward, connection);
      const answer = new AnswerRelay(exchange, connection.absoluteForm !== null, {
        onWhole: () => {
          this.#keep(forward.wanted.client, kept);
          settle("done");
        },
        onFault: (fault) => {
          socket.destroy();
          if (response.closed || response.destroyed) return settle("done");
          if (fault === "no-answer" && !isIdle) return settle("lost");
          if (fault === "upstream-407") sendReply(response, upstreamWantsCredentials);
          else sendNoAnswer(response, forward.destination.target.host, isIdle ? 504 : 502);
          settle("done");
        },
      });
      client.dispatch({ method: request.method === "HEAD" ? "HEAD" : "GET", path, headers: [...fields] }, answer);
    });
  }
}

/** A connection with the HTTP client that runs over it. */
interface Kept {
  readonly connection: EgressConnection;
  readonly client: Client;
}

/** Loaded when first needed: most sessions forward nothing, for the web is TLS. */
async function createClient({ socket, target }: EgressConnection): Promise<Client> {
  const { Client: UndiciClient } = await import("undici");
  const host = target.host.includes(":") ? `[${target.host}]` : target.host;
  let isGiven = false;
  const client = new UndiciClient(`http://${host}:${target.port}`, {
    // This connection and no other: a lost one is dialled anew where the rules are asked again.
    connect: (_options, callback) => {
      // Never at once: it would find itself called from within its own call.
      if (isGiven) queueMicrotask(() => callback(new Error("the connection is gone"), null));
      else queueMicrotask(() => callback(null, socket));
      isGiven = true;
    },
    pipelining: 1,
    maxHeaderSize: maxResponseHeaderBytes,
    headersTimeout: 0,
    bodyTimeout: 0,
    allowH2: false,
  });
  socket.once("close", () => void client.destroy().catch(() => undefined));
  return client;
}

interface AnswerEnd {
  /** The last byte has come. */
  readonly onWhole: () => void;
  /** No byte of an answer came; it was cut short or is none; it is an upstream proxy's own question for credentials. */
  readonly onFault: (fault: "no-answer" | "bad-answer" | "upstream-407") => void;
}

/** Gives the client what the host answers: interim responses, head, body, trailers. */
class AnswerRelay implements Dispatcher.DispatchHandler {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #isThroughProxy: boolean;
  readonly #end: AnswerEnd;
  #hasBegun = false;
  #hasBody = false;
  #isEnded = false;

  constructor({ request, response }: Exchange, isThroughProxy: boolean, end: AnswerEnd) {
    this.#request = request;
    this.#response = response;
    this.#isThroughProxy = isThroughProxy;
    this.#end = end;
  }

  onRequestStart(): void {
    // Nothing to prepare.
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    _fields: unknown,
    statusMessage?: string,
  ): void {
    this.#hasBegun = true;
    const response = this.#response;
    const received = toRawFields(controller.rawHeaders);
    const codings = fieldValues(received, "transfer-encoding");
    const isFlood = status < 200 && response.socket?.writableNeedDrain === true;
    if (status < 100 || isFlood || !isChunkedAlone(codings)) {
      controller.abort(new Error("not an answer that can be passed on"));
      return;
    }
    if (status < 200) {
      if (this.#request.httpVersion !== "1.0") response.socket?.write(toInterimHead(status, received), "latin1");
      return;
    }
    if (status === 407 && this.#isThroughProxy) {
      this.#isEnded = true;
      this.#end.onFault("upstream-407");
      return;
    }
    const isChunked = codings.length > 0;
    const fields = endToEndFields(
      received,
      ...(mayHaveTrailers(this.#request, { status, isChunked }) ? [] : ["trailer"]),
    );
    fields.push("Via", "1.1 koda");
    response.sendDate = false;
    const isPlain = statusMessage !== undefined && /^[\t -~]*$/.test(statusMessage);
    response.writeHead(status, isPlain ? statusMessage : (STATUS_CODES[status] ?? ""), fields);
    // The head goes out by itself when no body came with it: the body may be a stream of events with long silences.
    process.nextTick(() => {
      if (!this.#hasBody && !this.#isEnded) sendHead(response);
    });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isEnded) return;
    this.#hasBody = true;
    if (this.#response.write(chunk)) return;
    controller.pause();
    this.#response.once("drain", () => controller.resume());
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    addEndToEndTrailers(this.#response, toRawFields(controller.rawTrailers));
    this.#end.onWhole();
    this.#response.end();
  }

  onResponseError(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#end.onFault(this.#hasBegun ? "bad-answer" : "no-answer");
  }
}

function toRawFields(fields: Dispatcher.DispatchController["rawHeaders"]): RawFields {
  return Array.isArray(fields)
    ? fields.map((field) => (typeof field === "string" ? field : field.toString("latin1")))
    : [];
}
