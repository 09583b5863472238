import type { ServerResponse } from "node:http";
import { type HttpReply, toHttpBytes } from "./http-reply.ts";
import { closeAfter } from "./linger.ts";
import type { Wire } from "./wire.ts";

/**
 * Answers bytes that are no request with the fitting 4xx and closes. `response` is the last one begun on this
 * connection: when its head is out, only closing is left.
 */
export function refuseUnreadable(options: {
  readonly error: Error;
  readonly client: Wire;
  readonly response: ServerResponse | undefined;
}): void {
  const { error, client, response } = options;
  // What follows a whole request cannot be answered in its place.
  const isMidway = response !== undefined && !response.closed && (response.headersSent || response.req.complete);
  if (!client.socket.writable || isMidway) {
    client.socket.destroy();
    return;
  }
  closeAfter(client, toHttpBytes(toReply(error), "close"));
}

function toReply(error: Error): HttpReply {
  const code = "code" in error ? error.code : null;
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return { status: 431, text: "The header fields are too large.\n" };
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return { status: 413, text: "The chunk extensions are too large.\n" };
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return { status: 408, text: "The request took too long to arrive.\n" };
    case "HPE_INVALID_METHOD":
      // A word and a space look like a request with a method of another kind, in small letters perhaps.
      if (startsWithWord(error)) return { status: 405, text: "Koda's proxy knows no such method.\n" };
      break;
  }
  return { status: 400, text: "This is not a valid HTTP/1.1 request.\n" };
}

function startsWithWord(error: Error): boolean {
  const packet = "rawPacket" in error && error.rawPacket instanceof Uint8Array ? error.rawPacket : new Uint8Array();
  return /^[A-Za-z]{3,20} \S/.test(Buffer.from(packet.subarray(0, 32)).toString("latin1"));
}
