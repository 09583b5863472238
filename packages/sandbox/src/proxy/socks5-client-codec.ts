import type { Credentials, Decoded } from "./socks5-codec.ts";

/** `VER NMETHODS METHODS` (RFC 1928 §3): 0 is no authentication, 2 user name and password. */
export function encodeGreeting(methods: readonly (0 | 2)[]): Uint8Array {
  return Uint8Array.of(5, methods.length, ...methods);
}

/** `VER METHOD` (RFC 1928 §3); 255 is "none of yours". */
export function decodeMethod(bytes: Uint8Array): Decoded<number> {
  if (bytes.length >= 1 && bytes[0] !== 5) return malformed("not SOCKS version 5");
  const method = bytes[1];
  return method === undefined ? incomplete : { kind: "message", message: method, size: 2 };
}

/**
 * `VER ULEN UNAME PLEN PASSWD` (RFC 1929 §2), as UTF-8. Null when either part is longer than the 255 bytes that its
 * length field can say.
 */
export function encodeCredentials({ username, password }: Credentials): Uint8Array | null {
  const [name, secret] = [Buffer.from(username, "utf8"), Buffer.from(password, "utf8")];
  if (name.length > maxFieldBytes || secret.length > maxFieldBytes) return null;
  return Uint8Array.of(1, name.length, ...name, secret.length, ...secret);
}

/** `VER STATUS` (RFC 1929 §2); 0 is success. Some servers send another version than 1: only the status counts. */
export function decodeCredentialsStatus(bytes: Uint8Array): Decoded<number> {
  const status = bytes[1];
  return status === undefined ? incomplete : { kind: "message", message: status, size: 2 };
}

/**
 * A CONNECT request (RFC 1928 §4). An IPv4 or IPv6 literal (no brackets, no zone) travels as an address, anything else
 * as a name, one byte per character. Null when the name is empty, longer than 255 bytes or not ASCII.
 */
export function encodeConnect({ host, port }: { readonly host: string; readonly port: number }): Uint8Array | null {
  const address = toAddress(host);
  return address === null ? null : Uint8Array.of(5, 1, 0, ...address, port >> 8, port & 0xff);
}

/** `VER REP RSV ATYP BND.ADDR BND.PORT` (RFC 1928 §6): the reply code, 0 for success. The address bound is passed over. */
export function decodeReply(bytes: Uint8Array): Decoded<number> {
  if (bytes.length >= 1 && bytes[0] !== 5) return malformed("not SOCKS version 5");
  const [, reply, , addressType, nameLength] = bytes;
  if (reply === undefined || addressType === undefined) return incomplete;
  const addressLength = { 1: 4, 3: 1 + (nameLength ?? 0), 4: 16 }[addressType];
  if (addressLength === undefined) return malformed(`an unknown address type, ${addressType}`);
  const size = 4 + addressLength + 2;
  if (bytes.length < size || nameLength === undefined) return incomplete;
  return { kind: "message", message: reply, size };
}

/** The phrase of RFC 1928 §6 for a reply code that is not 0. */
export function explainReply(reply: number): string {
  return replyPhrases[reply] ?? `unassigned reply ${reply}`;
}

const replyPhrases: Readonly<Record<number, string>> = {
  1: "general failure",
  2: "not allowed by the rules",
  3: "network unreachable",
  4: "host unreachable",
  5: "connection refused",
  6: "no answer in time",
  7: "command not supported",
  8: "address type not supported",
};

const maxFieldBytes = 255;
const incomplete: { readonly kind: "incomplete" } = { kind: "incomplete" };

function malformed(problem: string): { readonly kind: "malformed"; readonly problem: string } {
  return { kind: "malformed", problem };
}

/** `ATYP ADDR`. */
function toAddress(host: string): readonly number[] | null {
  const ipv4 = fromIpv4(host);
  if (ipv4 !== null) return [1, ...ipv4];
  const ipv6 = host.includes(":") ? fromIpv6(host) : null;
  if (ipv6 !== null) return [4, ...ipv6];
  const isName = /^[!-~]{1,255}$/.test(host) && !host.includes(":");
  return isName ? [3, host.length, ...Buffer.from(host, "latin1")] : null;
}

function fromIpv4(text: string): readonly number[] | null {
  if (!/^(?:(?:0|[1-9]\d{0,2})(?:\.|$)){4}$/.test(text) || text.endsWith(".")) return null;
  const octets = text.split(".").map(Number);
  return octets.every((octet) => octet <= 255) ? octets : null;
}

/** RFC 4291 §2.2: eight groups, one run of zeros as `::`, the last two groups perhaps as an IPv4 address. */
function fromIpv6(text: string): readonly number[] | null {
  const halves = text.split("::").map(groupBytes);
  const [head, tail = null] = halves;
  if (halves.length > 2 || head === undefined || head === null) return null;
  if (halves.length === 1) return head.length === 16 ? head : null;
  if (tail === null || head.length + tail.length > 14) return null;
  return [...head, ...Array<number>(16 - head.length - tail.length).fill(0), ...tail];
}

function groupBytes(half: string): readonly number[] | null {
  if (half === "") return [];
  const bytes: number[] = [];
  const groups = half.split(":");
  for (const [index, group] of groups.entries()) {
    const ipv4 = index === groups.length - 1 ? fromIpv4(group) : null;
    if (ipv4 === null && !/^[0-9a-f]{1,4}$/i.test(group)) return null;
    const value = Number.parseInt(group, 16);
    bytes.push(...(ipv4 ?? [value >> 8, value & 0xff]));
  }
  return bytes;
}
