import { SandboxError } from "../errors.ts";
import { type HostPattern, parseHostPattern } from "./host-pattern.ts";
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

  /** Pure: the same target always has the same verdict. */
  decide(target: Target): FilterVerdict {
    for (const layer of this.#layers) {
      const denied = layer.deny.find(target);
      if (denied.kind === "match") return { kind: "deny", reason: "denied_by_rule", rule: denied.rule };
    }
    let otherPort: string | null = null;
    for (const isPrivateAllowed of [true, false]) {
      for (const layer of this.#layers) {
        const found: RuleMatch = (isPrivateAllowed ? layer.allowPrivate : layer.allow).find(target);
        if (found.kind === "match") return { kind: "allow", rule: found.rule, isPrivateAllowed };
        if (found.kind === "other-port") otherPort ??= found.rule;
      }
    }
    const reason = otherPort === null ? "not_listed" : "port_not_listed";
    return { kind: "deny", reason, rule: otherPort };
  }

  /**
   * This filter with further rules. The parsed rules are shared, so only the new ones cost anything.
   * A deny of either layer wins over an allow of the other.
   *
   * @throws {SandboxError} `bad_pattern` naming the pattern.
   */
  layer(rules: FilterRules): Filter {
    return new Filter([...this.#layers, parseLayer(rules)]);
  }
}

/**
 * Parses rules into a filter. No rules at all deny everything.
 *
 * @throws {SandboxError} `bad_pattern` naming the pattern.
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
  const allow = (rules.allow ?? []).map(parseAllowing);
  const allowPrivate = (rules.allowPrivate ?? []).map(parseAllowing);
  const deny = (rules.deny ?? []).map(parseHostPattern);
  return {
    allow: new RuleIndex(allow, webPorts),
    allowPrivate: new RuleIndex(allowPrivate, webPorts),
    deny: new RuleIndex(deny, "any"),
    size: allow.length + allowPrivate.length + deny.length,
  };
}

/** A deny may be as broad as a top-level domain; an allow of one would be no allowlist. */
function parseAllowing(text: string): HostPattern {
  const pattern = parseHostPattern(text);
  if (pattern.kind === "suffix" && !pattern.suffix.includes(".") && pattern.suffix !== "localhost") {
    throw new SandboxError(
      "bad_pattern",
      `bad host pattern ${JSON.stringify(text)}: it would allow a whole top-level domain`,
    );
  }
  return pattern;
}
