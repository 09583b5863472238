import { SandboxError } from "../../errors.ts";
import type { Target } from "../../filter/target.ts";
import type { Decoded } from "../socks5-codec.ts";
import type { UpstreamProxy } from "./upstream.ts";

/**
 * The head of a CONNECT request for a normalised target (RFC 9110 §9.3.6). `authorization` is the value of
 * `Proxy-Authorization`, or null.
 *
 * @throws {SandboxError} `bad_target` for a host with any other byte than a name or address has: nothing that was not
 * normalised gets into the head.
 */
export function encodeConnectHead({ host, port }: Target, authorization: string | null): string {
  if (!/^[a-z0-9.:-]+$/.test(host))
    throw new SandboxError("bad_target", `not a normalised host: ${JSON.stringify(host)}`);
  const authority = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const field = authorization === null ? "" : `Proxy-Authorization: ${authorization}\r\n`;
  return `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${field}\r\n`;
}

/** The value of `Proxy-Authorization` (RFC 7617 §2, in UTF-8). Null without credentials. */
export function toBasic(credentials: UpstreamProxy["credentials"]): string | null {
  if (credentials === null) return null;
  return `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`, "utf8").toString("base64")}`;
}

/** The head of an answer to CONNECT. */
export interface ConnectAnswer {
  readonly status: number;
  /** What `Content-Length` says, 0 where it says nothing. Of no meaning for 2xx: what follows is the tunnel's. */
  readonly bodyBytes: number;
}

/**
 * Reads the head of the answer to a CONNECT (RFC 9112 §4, §5): lines end in CRLF, and no byte of them is a bare CR or
 * LF or a NUL. What follows the head is not looked at. A head over 8 KiB is malformed.
 */
export function decodeConnectAnswer(bytes: Uint8Array): Decoded<ConnectAnswer> {
  const text = Buffer.from(bytes.subarray(0, maxHeadBytes)).toString("latin1");
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) {
    if (!canBecomeAnswer(text)) return { kind: "malformed", problem: "not an HTTP answer" };
    if (bytes.length >= maxHeadBytes) return { kind: "malformed", problem: "a head over 8 KiB" };
    return { kind: "incomplete" };
  }
  const [statusLine = "", ...fields] = text.slice(0, end).split("\r\n");
  const status = /^HTTP\/1\.[01] ([1-5][0-9]{2})(?: [^\0\r\n]*)?$/.exec(statusLine)?.[1];
  if (status === undefined || !fields.every((field) => /^[!-9;-~]+:[^\0\r\n]*$/.test(field))) {
    return { kind: "malformed", problem: "not an HTTP answer" };
  }
  const bodyBytes = Number(/^content-length:[ \t]*([0-9]{1,9})[ \t]*$/im.exec(fields.join("\n"))?.[1] ?? 0);
  return { kind: "message", message: { status: Number(status), bodyBytes }, size: end + 4 };
}

/** What cannot become an answer any more is not waited for. */
function canBecomeAnswer(text: string): boolean {
  return "HTTP/1.".startsWith(text.slice(0, 7)) && !/\0|[^\r]\n|\r[^\n]/.test(text);
}

const maxHeadBytes = 8_192;
