import { SandboxError } from "../errors.ts";
import { embeddedIpv4 } from "./address.ts";
import { badPattern, type HostPattern, parseHostPattern } from "./host-pattern.ts";
import { RuleIndex, type RuleMatch } from "./rule-index.ts";
import type { Target } from "./target.ts";

/** What the rules say of one target, and which rule said it. */
export type FilterVerdict =
  | {
      readonly kind: "allow";
      readonly rule: string;
      /** True when the rule vouches for the host wherever it lies: private and loopback addresses, no TLS on 443. */
      readonly isPrivateAllowed: boolean;
    }
  | {
      readonly kind: "deny";
      readonly reason: "not_listed" | "denied_by_rule" | "port_not_listed";
      /** The denying rule, or the one that covers the host on other ports; null when nothing names the host. */
      readonly rule: string | null;
    };

/** Lists of host patterns. An absent list is an empty one; nothing but a rule opens anything. */
export interface FilterRules {
  /** Without a port: 80 and 443. */
  readonly allow?: readonly string[] | undefined;
  /** Like `allow`, and the host may lie in a private range. */
  readonly allowPrivate?: readonly string[] | undefined;
  /** Wins over every allowing rule of every layer. Without a port: all ports. Does not cover subdomains by itself. */
  readonly deny?: readonly string[] | undefined;
}

/** Host rules, parsed once. Immutable: a changed set of rules is another filter. */
export class Filter {
  readonly #layers: readonly Layer[];

  /** @internal Use {@link createFilter}. */
  constructor(layers: readonly Layer[]) {
    this.#layers = layers;
  }

  /** Number of rules in all layers. */
  get size(): number {
    return this.#layers.reduce((sum, layer) => sum + layer.size, 0);
  }

  /**
   * Pure: the same target always has the same verdict, and rules mean the same in one layer or in several.
   * A deny of an IPv4 address covers the IPv6 addresses that lead to it.
   */
  decide(target: Target): FilterVerdict {
    const rule = this.denialOf(target);
    if (rule !== null) return { kind: "deny", reason: "denied_by_rule", rule };
    let otherPort: string | null = null;
    for (const isPrivateAllowed of privateFirst) {
      for (const layer of this.#layers) {
        const found: RuleMatch = (isPrivateAllowed ? layer.allowPrivate : layer.allow).find(target);
        if (found.kind === "match") return { kind: "allow", rule: found.rule, isPrivateAllowed };
        if (found.kind === "other-port") otherPort ??= found.rule;
      }
    }
    const reason = otherPort === null ? "not_listed" : "port_not_listed";
    return { kind: "deny", reason, rule: otherPort };
  }

  /** The deny rule that covers a target; null when it is for the other rules to decide. Pure. */
  denialOf(target: Target): string | null {
    const ipv4 = embeddedIpv4(target.host);
    for (const { deny } of this.#layers) {
      const denied = deny.find(target);
      if (denied.kind === "match") return denied.rule;
      const inner = ipv4 === null ? null : deny.find({ host: ipv4, port: target.port });
      if (inner?.kind === "match") return inner.rule;
    }
    return null;
  }

  /**
   * This filter with further rules. The parsed rules are shared, so only the new ones cost anything.
   * A deny of either layer wins over an allow of the other.
   *
   * @throws {SandboxError} `bad_pattern` naming the pattern, `bad_rules` naming what is no list of patterns.
   */
  layer(rules: FilterRules): Filter {
    return new Filter([...this.#layers, parseLayer(rules)]);
  }
}

/**
 * Parses rules into a filter. No rules at all deny everything.
 *
 * @throws {SandboxError} `bad_pattern` naming the pattern, `bad_rules` naming what is no list of patterns.
 */
export function createFilter(rules: FilterRules): Filter {
  return new Filter([parseLayer(rules)]);
}

interface Layer {
  readonly allow: RuleIndex;
  readonly allowPrivate: RuleIndex;
  readonly deny: RuleIndex;
  readonly size: number;
}

const webPorts: ReadonlySet<number> = new Set([80, 443]);

function parseLayer(rules: FilterRules): Layer {
  if (typeof rules !== "object" || rules === null || Array.isArray(rules)) {
    throw new SandboxError(
      "bad_rules",
      `rules are an object with the lists ${listed}, not ${Array.isArray(rules) ? "a list" : rules}`,
    );
  }
  for (const name of Object.keys(rules)) {
    if (!listNames.has(name)) {
      throw new SandboxError("bad_rules", `no list of rules is called ${JSON.stringify(name)}: wanted ${listed}`);
    }
  }
  const allow = toList(rules, "allow").map(parseAllowing);
  const allowPrivate = toList(rules, "allowPrivate").map(parseAllowing);
  const deny = toList(rules, "deny").map(parseHostPattern);
  return {
    allow: new RuleIndex(allow, webPorts),
    allowPrivate: new RuleIndex(allowPrivate, webPorts),
    deny: new RuleIndex(deny, "any"),
    size: allow.length + allowPrivate.length + deny.length,
  };
}

const listNames: ReadonlySet<string> = new Set(["allow", "allowPrivate", "deny"] satisfies (keyof FilterRules)[]);
const listed = [...listNames].join(", ");
const privateFirst = [true, false] as const;

/** Callers without types exist: a rule that somebody believes in must not be dropped in silence. */
function toList(rules: FilterRules, name: keyof FilterRules): readonly string[] {
  const list = rules[name] ?? [];
  if (Array.isArray(list)) return list;
  throw new SandboxError("bad_rules", `${name} is a list of host patterns, not a ${typeof list}`);
}

/** A deny may be as broad as a top-level domain; an allow of one would be no allowlist. */
function parseAllowing(text: string): HostPattern {
  const pattern = parseHostPattern(text);
  if (pattern.kind === "suffix" && !pattern.suffix.includes(".") && pattern.suffix !== "localhost") {
    throw badPattern(text, "it would allow a whole top-level domain");
  }
  return pattern;
}
