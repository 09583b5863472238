import ipaddr from "ipaddr.js";
import { isDottedIpv4, parseIpv6 } from "./address-bits.ts";

/**
 * What an IP address reaches. Only `public` may be dialled without a rule that says so.
 * `metadata` are the addresses where clouds hand credentials to whoever asks, public or not.
 * `this-machine` are public addresses of the machine's own interfaces: what listens there often trusts its neighbours.
 */
export type AddressClass =
  | "public"
  | "loopback"
  | "private"
  | "link-local"
  | "cgnat"
  | "ula"
  | "multicast"
  | "unspecified"
  | "metadata"
  | "this-machine"
  | "reserved";

/** Addresses of this machine in the spelling that {@link classifyAddress} compares; see {@link toOwnAddresses}. */
export type OwnAddresses = ReadonlySet<string>;

/**
 * Classifies an IPv4 or IPv6 address (RFC 6890, RFC 4291). IPv4 inside IPv6 is judged as that IPv4 address:
 * mapped and compatible (RFC 4291 §2.5.5), NAT64 (RFC 6052), 6to4 (RFC 3056). Local NAT64 prefixes (RFC 8215) and
 * Teredo (RFC 4380) are `reserved`: where they lead is for others to say. Anything unparsable is `reserved`.
 */
export function classifyAddress(address: string, own: OwnAddresses = noAddresses): AddressClass {
  let known = judgedAddresses.get(address);
  if (!known) {
    known = judge(address);
    if (judgedAddresses.size >= maxJudgedAddresses) judgedAddresses.clear();
    judgedAddresses.set(address, known);
  }
  return known.addressClass === "public" && own.has(known.address) ? "this-machine" : known.addressClass;
}

interface Judged {
  readonly addressClass: AddressClass;
  /** In the spelling of {@link OwnAddresses}, and that within if it wraps another. */
  readonly address: string;
}

/** The same few addresses are dialled again and again, and judging one costs as much as all of the rules. */
const judgedAddresses = new Map<string, Judged>();
const maxJudgedAddresses = 4_096;

function judge(text: string): Judged {
  const parsed = parse(text);
  if (parsed === null) return { addressClass: "reserved", address: "" };
  const judged = ipv4Within(parsed) ?? parsed;
  const address = judged.toString();
  if (metadataAddresses.has(address)) return { addressClass: "metadata", address };
  const range = judged.range();
  // Of IPv6 only 2000::/3 is assigned to be routed globally (RFC 4291 §2.4); the library calls the rest unicast too.
  const isUnassigned = range === "unicast" && judged.kind() === "ipv6" && (judged.toByteArray()[0] ?? 0) >> 5 !== 1;
  return { addressClass: isUnassigned ? "reserved" : (rangeClasses[range] ?? "reserved"), address };
}

/** The set of a machine's own addresses, as its interfaces spell them. Zone ids are dropped, and what is no address. */
export function toOwnAddresses(addresses: Iterable<string>): OwnAddresses {
  const own = new Set<string>();
  for (const address of addresses) {
    const parsed = parse(address.replace(/%.*$/s, ""));
    if (parsed !== null) own.add(parsed.toString());
  }
  return own;
}

/**
 * The IPv4 address that an IPv6 address leads to (NAT64, 6to4, mapped, compatible), so that a rule about the one can
 * cover the other. Null for everything else.
 */
export function embeddedIpv4(address: string): string | null {
  const parsed = address.includes(":") ? parseIpv6(address) : null;
  return parsed && (ipv4Within(parsed)?.toString() ?? null);
}

const noAddresses: OwnAddresses = new Set();

/** Ranges that are not listed are reserved. */
const rangeClasses: Readonly<Record<string, AddressClass>> = {
  unicast: "public",
  loopback: "loopback",
  private: "private",
  linkLocal: "link-local",
  carrierGradeNat: "cgnat",
  uniqueLocal: "ula",
  multicast: "multicast",
  unspecified: "unspecified",
};

/** AWS (instance, ECS, EKS, v6), Alibaba, Oracle, Azure's wire server, which lies in a public range. */
const metadataAddresses: ReadonlySet<string> = new Set([
  "169.254.169.254",
  "169.254.170.2",
  "169.254.170.23",
  "fd00:ec2::254",
  "fd00:ec2::23",
  "100.100.100.200",
  "192.0.0.192",
  "168.63.129.16",
]);

function parse(address: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  if (address.includes(":")) return parseIpv6(address);
  // As nearly every answer of a resolver is written; the library takes ten times as long over it.
  if (isDottedIpv4(address)) return new ipaddr.IPv4(address.split(".").map(Number));
  try {
    return ipaddr.parse(address);
  } catch {
    return null; // Whoever asks says what a text that is no address means there.
  }
}

function ipv4Within(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | null {
  if (address instanceof ipaddr.IPv4) return null;
  const [a, b, c, d, e, f, g, h] = address.parts;
  if (a === 0x2002) return ipv4Of(b, c);
  if (c !== 0 || d !== 0 || e !== 0) return null;
  if (a === 0x64 && b === 0xff9b && f === 0) return ipv4Of(g, h);
  if (a !== 0 || b !== 0) return null;
  if (f === 0xffff) return ipv4Of(g, h);
  // `::` and `::1` have the form of a compatible address and are none.
  const isCompatible = f === 0 && !(g === 0 && (h === 0 || h === 1));
  return isCompatible ? ipv4Of(g, h) : null;
}

function ipv4Of(high = 0, low = 0): ipaddr.IPv4 {
  return new ipaddr.IPv4([high >> 8, high & 255, low >> 8, low & 255]);
}
