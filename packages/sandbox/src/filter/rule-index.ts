import ipaddr from "ipaddr.js";
import type { HostPattern, PatternPorts } from "./host-pattern.ts";
import { isAddress, type Target } from "./target.ts";

/** Whether a list covers a target: by which rule, or only on other ports. */
export type RuleMatch =
  | { readonly kind: "match"; readonly rule: string }
  | { readonly kind: "other-port"; readonly rule: string }
  | { readonly kind: "none" };

/**
 * One list of patterns, indexed. The cost of a lookup grows with the labels of the name and with the number of
 * address ranges, not with the number of exact and wildcard patterns.
 */
export class RuleIndex {
  readonly #exact = new Map<string, PortRule[]>();
  readonly #oneLabel = new Map<string, PortRule[]>();
  readonly #anyDepth = new Map<string, PortRule[]>();
  readonly #ranges: RangeRule[] = [];
  readonly #defaultPorts: ReadonlySet<number> | "any";

  /** `defaultPorts` is what a pattern without a port covers. */
  constructor(patterns: readonly HostPattern[], defaultPorts: ReadonlySet<number> | "any") {
    this.#defaultPorts = defaultPorts;
    for (const pattern of patterns) this.#add(pattern);
  }

  find(target: Target): RuleMatch {
    let otherPort: string | null = null;
    for (const rules of this.#candidates(target.host)) {
      for (const rule of rules) {
        if (this.#covers(rule.ports, target.port)) return { kind: "match", rule: rule.text };
        otherPort ??= rule.text;
      }
    }
    return otherPort === null ? { kind: "none" } : { kind: "other-port", rule: otherPort };
  }

  *#candidates(host: string): Generator<readonly PortRule[]> {
    const exact = this.#exact.get(host);
    if (exact) yield exact;
    if (isAddress(host)) {
      if (this.#ranges.length > 0) yield this.#ranges.filter((range) => contains(range, host));
      return;
    }
    let dot = host.indexOf(".");
    const oneLabel = dot < 0 ? undefined : this.#oneLabel.get(host.slice(dot + 1));
    if (oneLabel) yield oneLabel;
    for (; dot >= 0; dot = host.indexOf(".", dot + 1)) {
      const anyDepth = this.#anyDepth.get(host.slice(dot + 1));
      if (anyDepth) yield anyDepth;
    }
  }

  #covers(ports: PatternPorts, port: number): boolean {
    if (ports === "default") return this.#defaultPorts === "any" || this.#defaultPorts.has(port);
    return ports === "any" || ports === port;
  }

  #add(pattern: HostPattern): void {
    const rule: PortRule = { text: pattern.text, ports: pattern.ports };
    switch (pattern.kind) {
      case "exact":
        append(this.#exact, pattern.host, rule);
        return;
      case "suffix":
        append(pattern.depth === "one" ? this.#oneLabel : this.#anyDepth, pattern.suffix, rule);
        return;
      case "range":
        this.#ranges.push({ ...rule, network: pattern.network, prefixBits: pattern.prefixBits });
        return;
      default:
        pattern satisfies never;
    }
  }
}

interface PortRule {
  readonly text: string;
  readonly ports: PatternPorts;
}

interface RangeRule extends PortRule {
  readonly network: ipaddr.IPv4 | ipaddr.IPv6;
  readonly prefixBits: number;
}

function append(index: Map<string, PortRule[]>, key: string, rule: PortRule): void {
  const rules = index.get(key);
  if (rules) rules.push(rule);
  else index.set(key, [rule]);
}

function contains(range: RangeRule, host: string): boolean {
  const address = ipaddr.parse(host);
  return address.kind() === range.network.kind() && address.match(range.network, range.prefixBits);
}
