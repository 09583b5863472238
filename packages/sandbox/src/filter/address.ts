import ipaddr from "ipaddr.js";

/**
 * What an IP address reaches. Only `public` may be dialled without a rule that says so.
 * `metadata` are the addresses where clouds hand credentials to whoever asks, public or not.
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
  | "reserved";

/**
 * Classifies an IPv4 or IPv6 address (RFC 6890, RFC 4291). IPv4 inside IPv6 is judged as that IPv4 address:
 * mapped and compatible (RFC 4291 §2.5.5), NAT64 (RFC 6052), 6to4 (RFC 3056). Anything unparsable is `reserved`.
 */
export function classifyAddress(address: string): AddressClass {
  if (!ipaddr.isValid(address) || address.includes("%")) return "reserved";
  const parsed = ipaddr.parse(address);
  const inner = parsed.kind() === "ipv6" ? embeddedIpv4(parsed.toByteArray()) : null;
  const judged = inner ?? parsed;
  if (metadataAddresses.has(judged.toString())) return "metadata";
  const range = judged.range();
  // Of IPv6 only 2000::/3 is assigned to be routed globally (RFC 4291 §2.4); the library calls the rest unicast too.
  if (range === "unicast" && judged.kind() === "ipv6" && (judged.toByteArray()[0] ?? 0) >> 5 !== 1) return "reserved";
  return rangeClasses[range] ?? "reserved";
}

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

function embeddedIpv4(bytes: readonly number[]): ipaddr.IPv4 | null {
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  if (/^0{20}ffff/.test(hex) || hex.startsWith("0064ff9b0000000000000000")) return ipv4(bytes.slice(12));
  if (hex.startsWith("2002")) return ipv4(bytes.slice(2, 6));
  // `::` and `::1` have the form of a compatible address and are none.
  if (/^0{24}/.test(hex) && !/^0{31}[01]$/.test(hex)) return ipv4(bytes.slice(12));
  return null;
}

function ipv4(bytes: readonly number[]): ipaddr.IPv4 {
  return new ipaddr.IPv4([...bytes]);
}
