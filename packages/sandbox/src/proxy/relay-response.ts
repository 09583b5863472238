import type { ClientRequest, IncomingMessage, InformationEvent, ServerResponse } from "node:http";
import { addEndToEndTrailers, endToEndFields, fieldPairs, withoutField } from "./hop-by-hop.ts";
import { sendReply } from "./http-reply.ts";

/**
 * Gives the client what the host answers: interim responses, head, body, trailers. A body that is cut short at the
 * host is cut short here, so that it never looks whole. Failing before the head gives 502.
 */
export function relayResponse(options: {
  readonly request: IncomingMessage;
  readonly upstream: ClientRequest;
  readonly response: ServerResponse;
}): void {
  const { request, upstream, response } = options;
  relayContinue(request, upstream, response);
  upstream.on("information", (information) => {
    // 100 has an event of its own, and HTTP/1.0 knows no interim responses (RFC 9110 §15.2).
    if (information.statusCode === 100 || request.httpVersion === "1.0" || response.headersSent) return;
    response.socket?.write(toInterimHead(information));
  });
  upstream.on("response", (answer) => {
    const kept = endToEndFields(answer.rawHeaders);
    const fields = [
      ...(hasTrailers(request, answer) ? kept : withoutField(kept, "trailer")),
      "Via",
      `${answer.httpVersion} koda`,
    ];
    response.sendDate = false;
    try {
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, fields);
    } catch {
      // A status or field that may not be sent on; nothing of it is out yet.
      upstream.destroy();
      sendReply(response, { status: 502, text: "Koda: the host's answer has an invalid head.\n" });
      return;
    }
    // The head goes out at once: the body may be a stream of events with long silences.
    response.flushHeaders();
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

/** Trailers reach the client where its answer will be chunked, and may be announced only there. */
function hasTrailers(request: IncomingMessage, answer: IncomingMessage): boolean {
  const isBodyKnownEmpty = request.method === "HEAD" || answer.statusCode === 204 || answer.statusCode === 304;
  return request.httpVersion === "1.1" && answer.headers["transfer-encoding"] !== undefined && !isBodyKnownEmpty;
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

function toInterimHead({ statusCode, statusMessage, rawHeaders }: InformationEvent): string {
  const lines = fieldPairs(endToEndFields(rawHeaders)).map(([name, value]) => `${name}: ${value}`);
  return `${[`HTTP/1.1 ${statusCode} ${statusMessage}`, ...lines].join("\r\n")}\r\n\r\n`;
}

const continueAfterMs = 1_000;
