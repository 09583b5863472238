import ipaddr from "ipaddr.js";
import { toAddressBits } from "../filter/address-bits.ts";
import type { FilterRules } from "../filter/filter.ts";
import { type HostPattern, type PatternPorts, parseHostPattern } from "../filter/host-pattern.ts";
import { isAddress } from "../filter/target.ts";

/**
 * Rules that allow what both allow, vouch for private addresses where both do, and deny what either denies. Exact: the sets of hosts that two patterns
 * cover are apart, or one lies in the other. Pure.
 *
 * @throws {SandboxError} `bad_pattern` naming a pattern that is none.
 */
export function composeHosts(parent: FilterRules, child: FilterRules): FilterRules {
  const [parentPrivate, childPrivate] = [parse(parent.allowPrivate), parse(child.allowPrivate)];
  const allowPrivate = intersect(parentPrivate, childPrivate);
  const allow = intersect([...parse(parent.allow), ...parentPrivate], [...parse(child.allow), ...childPrivate]);
  return {
    allow: [...allow].filter((text) => !allowPrivate.has(text)),
    allowPrivate: [...allowPrivate],
    deny: [...new Set([...(parent.deny ?? []), ...(child.deny ?? [])])],
  };
}

function parse(patterns: readonly string[] | undefined): HostPattern[] {
  return (patterns ?? []).map(parseHostPattern);
}

function intersect(left: readonly HostPattern[], right: readonly HostPattern[]): Set<string> {
  const both = new Set<string>();
  for (const a of left) {
    for (const b of right) {
      const narrower = covers(a, b) ? b : covers(b, a) ? a : null;
      const ports = narrower === null ? null : intersectPorts(a.ports, b.ports);
      if (narrower !== null && ports !== null) both.add(write(narrower, ports));
    }
  }
  return both;
}

/** Whether every host of `inner` is one of `outer`; ports apart. */
function covers(outer: HostPattern, inner: HostPattern): boolean {
  switch (outer.kind) {
    case "exact":
      return inner.kind === "exact" && inner.host === outer.host;
    case "range": {
      if (inner.kind === "range") return inner.family === outer.family && inner.prefix.startsWith(outer.prefix);
      if (inner.kind === "suffix" || !isAddress(inner.host)) return false;
      const family = inner.host.includes(":") ? 6 : 4;
      return family === outer.family && toAddressBits(ipaddr.parse(inner.host)).startsWith(outer.prefix);
    }
    case "suffix":
      return coversName(outer, inner);
  }
}

function coversName(outer: HostPattern & { readonly kind: "suffix" }, inner: HostPattern): boolean {
  if (inner.kind === "range" || (inner.kind === "exact" && isAddress(inner.host))) return false;
  const name = inner.kind === "exact" ? inner.host : inner.suffix;
  if (inner.kind === "suffix" && name === outer.suffix) return outer.depth === "any" || inner.depth === "one";
  if (!name.endsWith(`.${outer.suffix}`)) return false;
  if (outer.depth === "any") return true;
  return inner.kind === "exact" && !name.slice(0, -outer.suffix.length - 1).includes(".");
}

/** Both are of allowing rules, where no port means 80 and 443. Null: none in common. */
function intersectPorts(a: PatternPorts, b: PatternPorts): PatternPorts | null {
  if (a === b || b === "any") return a;
  if (a === "any") return b;
  const port = a === "default" ? b : a;
  const isCommon = a === "default" || b === "default" ? port === 80 || port === 443 : false;
  return isCommon ? port : null;
}

function write(pattern: HostPattern, ports: PatternPorts): string {
  const suffix = ports === "default" ? "" : ports === "any" ? ":*" : `:${ports}`;
  switch (pattern.kind) {
    case "exact":
      return `${pattern.host.includes(":") ? `[${pattern.host}]` : pattern.host}${suffix}`;
    case "suffix":
      return `${pattern.depth === "one" ? "*" : "**"}.${pattern.suffix}${suffix}`;
    case "range":
      return `${writeRange(pattern.text)}${suffix}`;
  }
}

/** The range as it was written, without its port. */
function writeRange(text: string): string {
  const bracketed = /^\[[^\]]*\]/.exec(text)?.[0];
  if (bracketed !== undefined) return bracketed;
  const parts = text.split(":");
  return parts.length > 2 ? `[${text}]` : (parts[0] ?? text);
}
