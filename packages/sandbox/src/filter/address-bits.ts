import ipaddr from "ipaddr.js";

/**
 * Reads IPv6 without brackets (RFC 4291 §2.2); null when it is none, or has a zone. Through the URL parser (WHATWG URL
 * §3.5), since the library takes `::1.2.3.4` for an IPv4-mapped address, which only `::ffff:1.2.3.4` is.
 */
export function parseIpv6(text: string): ipaddr.IPv6 | null {
  const url = /^[0-9A-Fa-f:.]+$/.test(text) ? URL.parse(`http://[${text}]/`) : null;
  return url && ipaddr.IPv6.parse(url.hostname.slice(1, -1));
}

/** The bits of an address as text, most significant first: 32 characters `0` and `1` for IPv4, 128 for IPv6. */
export function toAddressBits(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  let bits = "";
  for (const byte of address.toByteArray()) bits += byte.toString(2).padStart(8, "0");
  return bits;
}

/** The bits that every IPv4-mapped IPv6 address starts with (RFC 4291 §2.5.5.2). */
export const mappedPrefix: string = `${"0".repeat(80)}${"1".repeat(16)}`;

/** Whether a text is IPv4 in its one usual spelling: four decimal numbers to 255, none with a leading zero. */
export function isDottedIpv4(text: string): boolean {
  return dottedIpv4.test(text);
}

const dottedIpv4 = /^(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!$)|$)){4}$/;
