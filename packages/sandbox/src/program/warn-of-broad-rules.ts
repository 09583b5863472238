import type { BroadRule } from "../filter/find-broad-rules.ts";

/** Tells of each rule on stderr, in one line; the rules are in force all the same. */
export function warnOfBroadRules(broadRules: readonly BroadRule[]): void {
  for (const { rule, problem } of broadRules) process.stderr.write(`koda-sandbox: warning: ${rule}: ${problem}\n`);
}
