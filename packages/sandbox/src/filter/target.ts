import { SandboxError } from "../errors.ts";
import { isDottedIpv4, parseIpv6 } from "./address-bits.ts";

/** Where a connection shall go, in the one spelling that is judged, recorded and dialled. */
export interface Target {
  /**
   * A name: lower-case ASCII labels (IDN as punycode), no trailing dot.
   * Or an address: dotted IPv4, or IPv6 per RFC 5952 without brackets; IPv4-mapped IPv6 is given as IPv4.
   */
  readonly host: string;
  /** 1–65535. */
  readonly port: number;
}

/**
 * Parses the target of a CONNECT request (`host:port`, RFC 9110 §9.3.6), IPv6 in brackets.
 *
 * @throws {SandboxError} `bad_target` when a part is missing or out of range, or the host is none.
 */
export function parseAuthority(authority: string): Target {
  const match = /^(\[[^\]]*\]|[^:]*):([0-9]{1,5})$/.exec(authority);
  if (!match) throw badTarget("not a host:port authority", authority);
  const [, host = "", port = ""] = match;
  if (host.includes(":") && !host.startsWith("[")) throw badTarget("an IPv6 address needs brackets", authority);
  return parseHost(host, Number(port));
}

/**
 * The same normaliser for names that come without a port beside them: SOCKS requests, URLs, SNI.
 * Odd spellings of IPv4 (`127.1`, `0x7f000001`, `2130706433`) come back as the address they mean.
 *
 * @throws {SandboxError} `bad_target`: labels that are empty, longer than 63, or not letters, digits and inner hyphens;
 * names over 253; zone ids, user information, percent escapes, NUL and other control bytes; ports outside 1–65535.
 */
export function parseHost(host: string, port: number): Target {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw badTarget("not a port from 1 to 65535", String(port));
  return { host: normalizeHost(host), port };
}

/** True for the address form of {@link Target.host}: only addresses hold a colon or end in a numeric label. */
export function isAddress(host: string): boolean {
  const last = host.charCodeAt(host.length - 1);
  return host.includes(":") || (last >= 0x30 && last <= 0x39 && /(?:^|\.)[0-9]+$/.test(host));
}

function normalizeHost(host: string): string {
  if (isPlain(host)) return host;
  const isBracketed = host.startsWith("[") && host.endsWith("]");
  if (isBracketed || host.includes(":")) return normalizeIpv6(isBracketed ? host.slice(1, -1) : host, host);
  // What the URL parser would decode, drop or cut at is refused first, so that it only ever maps letters.
  if (!/^[^\p{Cc}\p{Cf}\p{Z}!-,/:-@[-^`{-~]+$/u.test(host)) throw badTarget("not a host name", host);
  const ascii = toAscii(host.endsWith(".") ? host.slice(0, -1) : host, host);
  if (ascii.length > 253 || !ascii.split(".").every(isLabel)) throw badTarget("not a host name", host);
  return ascii;
}

/**
 * Whether a host is in its one spelling already, as nearly all are: small letters, digits and inner hyphens, with a
 * last label that begins with a letter and so is no number, and nothing in punycode to be looked at; or dotted IPv4.
 */
function isPlain(host: string): boolean {
  if (isDottedIpv4(host)) return true;
  return host.length <= 253 && plainName.test(host) && !host.includes("xn--");
}

const plainName = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

function normalizeIpv6(address: string, host: string): string {
  const parsed = parseIpv6(address);
  if (parsed === null) throw badTarget("not an IPv6 address", host);
  return parsed.isIPv4MappedAddress() ? parsed.toIPv4Address().toString() : parsed.toRFC5952String();
}

/** IDN to punycode (UTS 46) and numbers to IPv4, as every URL is read (WHATWG URL §3.5). */
function toAscii(name: string, host: string): string {
  const url = URL.parse(`http://${name}/`);
  if (!url) throw badTarget("not a host name", host);
  return url.hostname;
}

function isLabel(label: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label);
}

function badTarget(problem: string, found: string): SandboxError {
  return new SandboxError("bad_target", `${problem}: ${JSON.stringify(found.slice(0, 300))}`);
}
