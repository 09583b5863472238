import { SandboxError } from "../../errors.ts";
import { createFilter } from "../../filter/filter.ts";
import { parseHostPattern } from "../../filter/host-pattern.ts";
import type { Target } from "../../filter/target.ts";

/** Whether a target is dialled directly. */
export type IsExempt = (target: Target) => boolean;

/**
 * Parses a `NO_PROXY` list:
 *
 *     list  = [entry *( ("," | space) entry)]
 *     entry = "*"                                  everything
 *           | host [":" port]                      host and every name below it
 *           | ("." | "*.") host [":" port]         every name below host, not host itself
 *           | ipv4 ["/" bits] [":" port] | ipv6 ["/" bits] | "[" ipv6 ["/" bits] "]" [":" port]
 *
 * An entry without a port covers all ports. Addresses and ranges cover targets that are given as addresses. Pure.
 *
 * @throws {SandboxError} `bad_upstream` naming `setting` and the entry.
 */
export function parseNoProxy(list: string, setting: string): IsExempt | "everything" {
  const entries = list.split(/[\s,]+/).filter((entry) => entry !== "");
  const patterns = entries.filter((entry) => entry !== "*").flatMap((entry) => parseEntry(entry, setting));
  if (entries.includes("*")) return "everything";
  // The rules of a deny list are the ones that cover every port unless they name one.
  const exempt = createFilter({ deny: patterns });
  return (target) => {
    const verdict = exempt.decide(target);
    return verdict.kind === "deny" && verdict.reason === "denied_by_rule";
  };
}

/** The host patterns that say the same. */
function parseEntry(entry: string, setting: string): readonly string[] {
  const below = /^\*?\.(.+)$/s.exec(entry)?.[1];
  const pattern = below === undefined ? entry : `**.${below}`;
  if (entry.startsWith("**") || !isPattern(pattern)) {
    const wanted = "a name, .name, *.name, an address or a range such as 10.0.0.0/8, each with or without :port, or *";
    throw new SandboxError("bad_upstream", `${setting}: not ${wanted}: ${JSON.stringify(entry.slice(0, 300))}`);
  }
  const under = `**.${entry}`; // none for an address: nothing is below it
  return below === undefined && isPattern(under) ? [pattern, under] : [pattern];
}

function isPattern(text: string): boolean {
  try {
    parseHostPattern(text);
    return true;
  } catch (error) {
    if (error instanceof SandboxError) return false;
    throw error;
  }
}
