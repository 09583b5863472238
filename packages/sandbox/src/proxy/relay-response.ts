import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import { addEndToEndTrailers, endToEndFields, fieldPairs, fieldValues, type RawFields } from "./hop-by-hop.ts";
import { type HttpReply, sendReply } from "./http-reply.ts";
import { STATUS_CODES } from "./node-http.ts";

/**
 * Gives the client what the host answers: interim responses, head, body, trailers. A body that is cut short at the
 * host is cut short here, so that it never looks whole. Failing before the head gives 502.
 */
export function relayResponse(options: {
  readonly request: IncomingMessage;
  readonly upstream: ClientRequest;
  readonly response: ServerResponse;
  /** True where `upstream` leads to an upstream proxy and not to the host itself. */
  readonly isThroughProxy: boolean;
}): void {
  const { request, upstream, response, isThroughProxy } = options;
  relayContinue(request, upstream, response);
  upstream.on("information", (information) => {
    // 100 has an event of its own, and HTTP/1.0 knows no interim responses (RFC 9110 §15.2).
    if (information.statusCode === 100 || request.httpVersion === "1.0" || response.headersSent) return;
    // A client that does not read them is not kept waiting for, nor are they for it.
    if (response.socket?.writableNeedDrain) upstream.destroy(new Error("too many interim responses"));
    else response.socket?.write(toInterimHead(information.statusCode, information.rawHeaders), "latin1");
  });
  upstream.on("response", (answer) => {
    const { statusCode: status = 502 } = answer;
    if (isThroughProxy && status === 407) {
      upstream.destroy();
      sendReply(response, upstreamWantsCredentials);
      return;
    }
    const codings = fieldValues(answer.rawHeaders, "transfer-encoding");
    if (!isChunkedAlone(codings)) {
      upstream.destroy();
      sendReply(response, {
        status: 502,
        text: "Koda: the host's answer has a transfer coding that is not chunked.\n",
      });
      return;
    }
    const isChunked = codings.length > 0;
    const without = mayHaveTrailers(request, { status, isChunked }) ? [] : ["trailer"];
    const fields = [...endToEndFields(answer.rawHeaders, ...without), "Via", `${answer.httpVersion} koda`];
    response.sendDate = false;
    try {
      response.writeHead(status, answer.statusMessage, fields);
    } catch {
      // A status or field that may not be sent on; nothing of it is out yet.
      upstream.destroy();
      sendReply(response, { status: 502, text: "Koda: the host's answer has an invalid head.\n" });
      return;
    }
    // At once: the body may be a stream of events with long silences.
    sendHead(response);
    answer.on("end", () => {
      addEndToEndTrailers(response, answer.rawTrailers);
      response.end();
    });
    answer.on("close", () => {
      if (!answer.readableEnded) response.destroy();
    });
    // `close` follows.
    answer.on("error", () => undefined);
    answer.pipe(response, { end: false });
  });
}

/** Sends the head before there is a body. (`flushHeaders` would send its bytes above 127 as UTF-8, twice encoded.) */
export function sendHead(response: ServerResponse): void {
  response.write(noBytes);
}

const noBytes: Buffer = Buffer.alloc(0);

/** An upstream proxy's own 407 is no question to the client, who has no credentials for it. */
export const upstreamWantsCredentials: HttpReply = {
  status: 502,
  text: "Koda: the upstream proxy does not accept the credentials that are set for it.\n",
};

/** Whether an answer has no transfer coding, or chunked and no other: what else was coded could not be passed on so. */
export function isChunkedAlone(codings: readonly string[]): boolean {
  return codings.length === 0 || (codings.length === 1 && codings[0]?.trim().toLowerCase() === "chunked");
}

/** Trailers reach the client where its answer will be chunked, and may be announced only there. */
export function mayHaveTrailers(
  request: IncomingMessage,
  answer: { readonly status: number; readonly isChunked: boolean },
): boolean {
  const isBodyKnownEmpty = request.method === "HEAD" || answer.status === 204 || answer.status === 304;
  return request.httpVersion === "1.1" && answer.isChunked && !isBodyKnownEmpty;
}

/** The host's 100 is passed on; a host that sends none within a second leaves the decision to the client. */
function relayContinue(request: IncomingMessage, upstream: ClientRequest, response: ServerResponse): void {
  if (request.headers.expect === undefined || request.httpVersion === "1.0") return;
  let isTold = false;
  const tell = (): void => {
    clearTimeout(timer);
    if (isTold || response.headersSent) return;
    isTold = true;
    response.writeContinue();
  };
  const timer = setTimeout(tell, continueAfterMs);
  upstream.on("continue", tell);
  upstream.on("response", () => {
    clearTimeout(timer);
    // Whether the client still sends the body is unknown, so nothing can follow it.
    if (!isTold) response.shouldKeepAlive = false;
  });
  response.on("close", () => clearTimeout(timer));
}

/** The head of an interim response (RFC 9110 §15.2) as the client shall read it, one byte per character. */
export function toInterimHead(status: number, received: RawFields): string {
  const lines = fieldPairs(endToEndFields(received, "content-length")).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines.join("")}\r\n`;
}

const continueAfterMs = 1_000;
