import type { FilterRules } from "./filter.ts";
import { type HostPattern, parseHostPattern } from "./host-pattern.ts";

/** A rule that is allowed and opens more than its author may think. */
export interface BroadRule {
  /** As written. */
  readonly rule: string;
  /** One sentence without its full stop. */
  readonly problem: string;
}

/**
 * Finds allowing rules that lead to hosts of people whom nobody chose: wildcards over a public suffix (`*.co.uk`,
 * `**.github.io`), below which anybody may have a name, and address ranges wider than any one owner's: than /8 for IPv4
 * and /16 for IPv6, the widest that were ever handed out, private ones apart. Pure; asynchronous because the list of public suffixes
 * (publicsuffix.org, as of the library's release) is loaded at the first wildcard, so that nobody else pays for it.
 *
 * What it cannot see: a wildcard above a public suffix (`**.amazonaws.com`), and shared hosts that the list lacks.
 *
 * @throws {SandboxError} `bad_pattern` naming the pattern, as the filter of the same rules does.
 */
export async function findBroadRules(rules: FilterRules): Promise<readonly BroadRule[]> {
  const patterns = [...(rules.allow ?? []), ...(rules.allowPrivate ?? [])].map(parseHostPattern);
  const findProblem = patterns.some(({ kind }) => kind === "suffix") ? await loadSuffixes() : () => null;
  return patterns.flatMap((pattern) => {
    const problem = pattern.kind === "range" ? problemOfRange(pattern) : findProblem(pattern);
    return problem === null ? [] : [{ rule: pattern.text, problem }];
  });
}

async function loadSuffixes(): Promise<(pattern: HostPattern) => string | null> {
  const { parse } = await import("tldts");
  return (pattern) => {
    if (pattern.kind !== "suffix") return null;
    const { suffix } = pattern;
    const { publicSuffix, isIcann, isPrivate } = parse(suffix, { allowPrivateDomains: true, extractHostname: false });
    if (publicSuffix !== suffix || !(isIcann || isPrivate)) return null;
    return `anybody may have a name below ${suffix}, so it allows hosts that nobody has chosen`;
  };
}

function problemOfRange({ family, prefix }: HostPattern & { readonly kind: "range" }): string | null {
  const isLocal = family === 6 && prefix.startsWith("1111110"); // fc00::/7 (RFC 4193)
  if (isLocal || prefix.length >= (family === 4 ? 8 : 16)) return null;
  return `it covers 1/${2 ** prefix.length} of all IPv${family} addresses`;
}
