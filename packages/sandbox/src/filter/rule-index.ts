import ipaddr from "ipaddr.js";
import { toAddressBits } from "./address-bits.ts";
import type { HostPattern, PatternPorts } from "./host-pattern.ts";
import { isAddress, type Target } from "./target.ts";

/** Whether a list covers a target: by which rule, or only on other ports. */
export type RuleMatch =
  | { readonly kind: "match"; readonly rule: string }
  | { readonly kind: "other-port"; readonly rule: string }
  | { readonly kind: "none" };

/**
 * One list of patterns by what they have in common with the hosts they cover: the whole name, the end of it, the first
 * bits of an address. So a lookup costs as much as the host has labels, or as there are lengths of address ranges (at
 * most 33 for IPv4 and 129 for IPv6), and no more for more patterns. Only rules for the very same host are gone
 * through one by one. Of several rules that cover a target the closest is named.
 */
export class RuleIndex {
  readonly #rules = new Map<string, IndexedRule[]>();
  /** Longest first. */
  readonly #rangeLengths: Readonly<Record<4 | 6, number[]>> = { 4: [], 6: [] };
  readonly #defaultPorts: ReadonlySet<number> | "any";

  /** `defaultPorts` is what a pattern without a port covers. */
  constructor(patterns: readonly HostPattern[], defaultPorts: ReadonlySet<number> | "any") {
    this.#defaultPorts = defaultPorts;
    for (const pattern of patterns) this.#add(pattern);
    for (const lengths of Object.values(this.#rangeLengths)) lengths.sort((a, b) => b - a);
  }

  find(target: Target): RuleMatch {
    if (this.#rules.size === 0) return none;
    return isAddress(target.host) ? this.#findAddress(target) : this.#findName(target);
  }

  #findName({ host, port }: Target): RuleMatch {
    let best: RuleMatch = none;
    let key = host;
    for (let labelsBefore = 0; ; labelsBefore += 1) {
      best = this.#better(best, this.#rules.get(key), labelsBefore, port);
      const dot = key.indexOf(".");
      if (best.kind === "match" || dot < 0) return best;
      key = key.slice(dot + 1);
    }
  }

  #findAddress({ host, port }: Target): RuleMatch {
    const family = host.includes(":") ? 6 : 4;
    let best = this.#better(none, this.#rules.get(host), 0, port);
    if (this.#rangeLengths[family].length === 0) return best;
    const bits = toAddressBits(ipaddr.parse(host));
    for (const length of this.#rangeLengths[family]) {
      if (best.kind === "match") return best;
      best = this.#better(best, this.#rules.get(toRangeKey(family, bits.slice(0, length))), 0, port);
    }
    return best;
  }

  /** What was found so far, unless `rules`, which are less close, hold the first match or the first hint. */
  #better(best: RuleMatch, rules: readonly IndexedRule[] | undefined, labelsBefore: number, port: number): RuleMatch {
    let result = best;
    for (const rule of rules ?? noRules) {
      if (!isDepth(rule.depth, labelsBefore)) continue;
      if (this.#covers(rule.ports, port)) return { kind: "match", rule: rule.text };
      if (result.kind === "none") result = { kind: "other-port", rule: rule.text };
    }
    return result;
  }

  #covers(ports: PatternPorts, port: number): boolean {
    if (ports === "default") return this.#defaultPorts === "any" || this.#defaultPorts.has(port);
    return ports === "any" || ports === port;
  }

  #add(pattern: HostPattern): void {
    const { text, ports } = pattern;
    switch (pattern.kind) {
      case "exact":
        this.#put(pattern.host, { text, ports, depth: "none" });
        return;
      case "suffix":
        this.#put(pattern.suffix, { text, ports, depth: pattern.depth });
        return;
      case "range": {
        const { family, prefix } = pattern;
        const lengths = this.#rangeLengths[family];
        if (!lengths.includes(prefix.length)) lengths.push(prefix.length);
        this.#put(toRangeKey(family, prefix), { text, ports, depth: "none" });
        return;
      }
      default:
        pattern satisfies never;
    }
  }

  #put(key: string, rule: IndexedRule): void {
    const rules = this.#rules.get(key);
    if (rules) rules.push(rule);
    else this.#rules.set(key, [rule]);
  }
}

/** A rule as it lies under its key. `depth` says how many labels stand before the key: none, one, or one and more. */
interface IndexedRule {
  readonly text: string;
  readonly ports: PatternPorts;
  readonly depth: "none" | "one" | "any";
}

const none: RuleMatch = { kind: "none" };
const noRules: readonly IndexedRule[] = [];

function isDepth(depth: IndexedRule["depth"], labelsBefore: number): boolean {
  if (depth === "none") return labelsBefore === 0;
  return depth === "one" ? labelsBefore === 1 : labelsBefore > 0;
}

/** No host holds a slash, so that no name can be mistaken for a range. */
function toRangeKey(family: 4 | 6, prefix: string): string {
  return `${family}/${prefix}`;
}
