import type { Decoded } from "./socks5-codec.ts";

/** A proxy's answer to CONNECT (RFC 9110 §9.3.6). */
export interface ConnectReply {
  readonly status: number;
  /** What a refusal says, printable ASCII, lines joined by spaces; empty where the tunnel is open. */
  readonly text: string;
}

/**
 * Reads a proxy's answer. One of the 2xx ends with its head: whatever follows belongs to the tunnel. Of a refusal the
 * body is read too, as far as `Content-Length` counts it. An answer longer than 8 KiB is malformed.
 */
export function decodeConnectReply(bytes: Uint8Array): Decoded<ConnectReply> {
  const text = Buffer.from(bytes.subarray(0, maxReplyBytes)).toString("latin1");
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return bytes.length < maxReplyBytes && isStatusLineSoFar(text) ? incomplete : malformed;
  const head = text.slice(0, headEnd);
  const status = Number(/^HTTP\/1\.[01] ([2-5]\d\d)(?: |\r|$)/.exec(head)?.[1] ?? 0);
  if (status === 0) return malformed;
  const bodyStart = headEnd + 4;
  if (status < 300) return { kind: "message", message: { status, text: "" }, size: bodyStart };
  const bodyLength = Number(/^content-length: *(\d{1,5}) *$/im.exec(head)?.[1] ?? 0);
  const size = bodyStart + bodyLength;
  if (size > maxReplyBytes) return malformed;
  if (bytes.length < size) return incomplete;
  const body = text.slice(bodyStart, size).trim();
  return { kind: "message", message: { status, text: body.replace(/\s+/g, " ").replace(/[^ -~]/g, "?") }, size };
}

const maxReplyBytes = 8 * 1024; // as generous as other clients are with a proxy's head
const incomplete: { readonly kind: "incomplete" } = { kind: "incomplete" };
const malformed = { kind: "malformed", problem: "not an HTTP answer of at most 8 KiB" } as const;

/** False as soon as the first bytes can be no HTTP answer, so that nobody waits for more of another protocol. */
function isStatusLineSoFar(text: string): boolean {
  return "HTTP/1.".startsWith(text.slice(0, 7));
}
