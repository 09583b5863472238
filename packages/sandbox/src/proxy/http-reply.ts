import type { ServerResponse } from "node:http";
import { STATUS_CODES } from "./node-http.ts";

/** An answer of the proxy's own: a status and a short text for the person who reads it. */
export interface HttpReply {
  readonly status: number;
  /** Plain text. Nothing in it comes from the wire unless it was normalised. */
  readonly text: string;
}

/** The whole answer as bytes, for a socket without a response object. `connection` says what follows it. */
export function toHttpBytes(reply: HttpReply, connection: "close" | "keep-alive"): string {
  const fields = Object.entries({ ...fieldsOf(reply), Connection: connection });
  const head = [`HTTP/1.1 ${reply.status} ${STATUS_CODES[reply.status] ?? ""}`];
  for (const [name, value] of fields) head.push(`${name}: ${value}`);
  return `${head.join("\r\n")}\r\n\r\n${reply.text}`;
}

/** Sends the answer, or cuts the connection when the head of another one is already out. */
export function sendReply(response: ServerResponse, reply: HttpReply): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(reply.status, STATUS_CODES[reply.status] ?? "", fieldsOf(reply));
  response.end(reply.text);
}

/** Answers for a host that has not: 502, or 504 where it was given time. */
export function sendNoAnswer(response: ServerResponse, host: string, status: 502 | 504): void {
  sendReply(response, { status, text: `Koda: ${host} gave no valid answer.\n` });
}

function fieldsOf({ status, text }: HttpReply): Record<string, string> {
  const fields: Record<string, string> = {
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": String(Buffer.byteLength(text)),
    "X-Content-Type-Options": "nosniff",
  };
  if (status === 405) fields["Allow"] = usualMethods;
  if (status === 407) fields["Proxy-Authenticate"] = 'Basic realm="koda"';
  return fields;
}

/** For `Allow`: what is served, but for the rarer methods that Node's parser knows. */
export const usualMethods = "CONNECT, GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH";
