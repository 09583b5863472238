/** A CONNECT request as far as it matters here. */
export interface ConnectRequest {
  /** As sent: `host:port`, or something that is none. */
  readonly authority: string;
  /** The value of `Proxy-Authorization`. */
  readonly authorization: string | undefined;
  /** Whether the client takes another answer on this connection should this one be a refusal. */
  readonly isPersistent: boolean;
  /** Whether it announces a body, which a CONNECT has not. */
  readonly hasBody: boolean;
}

/**
 * Reads a CONNECT head (RFC 9112 §3.2.3) that is whole and of the one form that every client in use sends:
 *
 *     head  = "CONNECT" SP 1*VCHAR SP "HTTP/1.1" CRLF *( field CRLF ) CRLF
 *     field = token ":" *( SP / HTAB / VCHAR )
 *
 * without fields on framing, connection or upgrade, and with one Proxy-Authorization at most. Null for everything
 * else, which is then Node's parser's to judge: this one only spares most tunnels its cost, and accepts nothing that
 * Node's would read differently. Pure.
 */
export function readConnectHead(
  bytes: Buffer,
  maxBytes: number,
): { readonly request: ConnectRequest; readonly size: number } | null {
  if (bytes[0] !== 0x43 || bytes[1] !== 0x4f) return null;
  const text = bytes.toString("latin1", 0, Math.min(bytes.length, maxBytes));
  const [head, authority, fields] = headForm.exec(text) ?? [];
  if (head === undefined || authority === undefined || fields === undefined) return null;
  if (telling.test(fields)) return null;
  const credentials = credentialsField.exec(fields);
  if (credentials && credentialsField.test(fields.slice(credentials.index + credentials[0].length))) return null;
  const authorization = credentials?.[1];
  return { request: { authority, authorization, isPersistent: true, hasBody: false }, size: head.length };
}

const headForm = /^CONNECT ([0-9A-Za-z.:_[\]-]+) HTTP\/1\.1\r\n((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~]*\r\n)*)\r\n/;
/** Fields that change what follows, or how long. */
const telling = /^(?:connection|content-length|expect|trailer|transfer-encoding|te|upgrade):/im;
const credentialsField = /^proxy-authorization:[\t ]*([^\r]*?)[\t ]*\r$/im;
