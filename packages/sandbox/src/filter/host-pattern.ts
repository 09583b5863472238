import ipaddr from "ipaddr.js";
import { SandboxError } from "../errors.ts";
import { mappedPrefix, parseIpv6, toAddressBits } from "./address-bits.ts";
import { isAddress, parseHost } from "./target.ts";

/** Which ports a pattern covers. `default` is 80 and 443 where something is allowed, every port where it is denied. */
export type PatternPorts = "default" | "any" | number;

export type HostPattern = {
  /** As written, for verdicts and messages. */
  readonly text: string;
  readonly ports: PatternPorts;
} & (
  | { readonly kind: "exact"; readonly host: string }
  /** `depth` says how many labels stand before `suffix`: exactly one, or one and more. */
  | { readonly kind: "suffix"; readonly suffix: string; readonly depth: "one" | "any" }
  /** `prefix` holds the leading bits that all addresses of the range share, as characters `0` and `1`. */
  | { readonly kind: "range"; readonly family: 4 | 6; readonly prefix: string }
);

/**
 * Parses one rule:
 *
 *     pattern = host [":" port]            host and nothing below it
 *             | "*." host [":" port]       exactly one label before host, never host itself
 *             | "**." host [":" port]      one label or more before host, never host itself
 *             | ipv4 ["/" bits] [":" port] | ipv6 ["/" bits] | "[" ipv6 ["/" bits] "]" [":" port]
 *     port    = 1-65535 | "*"
 *
 * Hosts are normalised like targets, so capitals, a trailing dot and IDN match what they mean, and so does every
 * spelling of an address: IPv4-mapped IPv6 is IPv4, as a range too.
 *
 * @throws {SandboxError} `bad_pattern` naming the pattern and what is wrong with it.
 */
export function parseHostPattern(text: string): HostPattern {
  if (typeof text !== "string") throw badPattern(String(text), "not a text");
  const { host, ports } = splitPort(text);
  const wildcard = /^(\*\*?)\.(.*)$/s.exec(host);
  if (wildcard) {
    const suffix = normalize(wildcard[2] ?? "", text);
    if (isAddress(suffix)) throw badPattern(text, "an address cannot follow a wildcard");
    return { kind: "suffix", suffix, depth: wildcard[1] === "*" ? "one" : "any", ports, text };
  }
  if (host.includes("*")) throw badPattern(text, "a wildcard stands alone before the first dot: *.host or **.host");
  if (host.includes("/")) return { kind: "range", ...parseRange(host, text), ports, text };
  return { kind: "exact", host: normalize(host, text), ports, text };
}

function splitPort(text: string): { readonly host: string; readonly ports: PatternPorts } {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/s.exec(text);
  if (bracketed) return { host: bracketed[1] ?? "", ports: parsePorts(bracketed[2], text) };
  const parts = text.split(":");
  // More than one colon without brackets can only be an IPv6 address, which then has no port.
  if (parts.length !== 2) return { host: text, ports: "default" };
  return { host: parts[0] ?? "", ports: parsePorts(parts[1], text) };
}

function parsePorts(port: string | undefined, text: string): PatternPorts {
  if (port === undefined) return "default";
  if (port === "*") return "any";
  const value = /^[0-9]{1,5}$/.test(port) ? Number(port) : 0;
  if (value < 1 || value > 65_535) throw badPattern(text, "the port is 1 to 65535, or *");
  return value;
}

function normalize(host: string, text: string): string {
  try {
    return parseHost(host, 1).host;
  } catch (error) {
    throw badPattern(text, "not a host name or address", { cause: error });
  }
}

function parseRange(host: string, text: string): { readonly family: 4 | 6; readonly prefix: string } {
  const [address = "", length = "", ...more] = host.split("/");
  const isIpv4 = ipaddr.IPv4.isValidFourPartDecimal(address);
  const network = isIpv4 ? ipaddr.IPv4.parse(address) : parseIpv6(address);
  if (more.length > 0 || !/^[0-9]{1,3}$/.test(length) || network === null) {
    throw badPattern(text, "not an address range such as 10.0.0.0/8");
  }
  const bits = toAddressBits(network);
  const prefix = bits.slice(0, Number(length));
  if (Number(length) > bits.length) throw badPattern(text, "the prefix length is too large");
  // `10.1.2.3/8` reads like a narrow rule and is a wide one.
  if (bits.slice(prefix.length).includes("1")) throw badPattern(text, "bits are set after the prefix");
  if (prefix.startsWith(mappedPrefix)) return { family: 4, prefix: prefix.slice(mappedPrefix.length) };
  return { family: isIpv4 ? 4 : 6, prefix };
}

/** The refusal of a pattern, naming it. */
export function badPattern(text: string, problem: string, options?: ErrorOptions): SandboxError {
  // Who gives a URL where a host belongs may give a password with it.
  const shown = JSON.stringify(text.slice(0, 300).replace(/\/\/[^/]*@/, "//…@"));
  return new SandboxError("bad_pattern", `bad host pattern ${shown}: ${problem}`, options);
}
