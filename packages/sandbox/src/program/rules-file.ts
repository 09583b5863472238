import { readFile } from "node:fs/promises";
import { z } from "zod";
import { SandboxError } from "../errors.ts";
import { createFilter, type Filter, type FilterRules } from "../filter/filter.ts";
import { type BroadRule, findBroadRules } from "../filter/find-broad-rules.ts";

/**
 * Reads a rules file: JSON with the lists `allow`, `allowPrivate` and `deny`, each optional, and nothing else.
 *
 * @throws {SandboxError} `bad_rules` naming file and field: unreadable, no JSON, an unknown or wrong field, a pattern
 * that is none.
 */
export async function readRulesFile(path: string): Promise<FilterRules> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SandboxError("bad_rules", `cannot read the rules file ${path}: ${reason}`, { cause });
  });
  const parsed = rulesSchema.safeParse(parseJson(path, text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.path.join(".") || "the top level";
    throw new SandboxError("bad_rules", `${path}: ${field}: ${issue?.message ?? "not a set of rules"}`);
  }
  checkPatterns(path, parsed.data);
  return parsed.data;
}

/** The rules of a `koda-sandbox proxy`, and those among them that open more than their author may think. */
export interface LoadedRules {
  readonly filter: Filter;
  readonly broadRules: readonly BroadRule[];
}

/**
 * Reads what the flags say, then what the file says. A deny of either wins.
 *
 * @throws {SandboxError} `bad_pattern` for a flag, `bad_rules` for the file.
 */
export async function loadRules(options: {
  readonly base: Filter | null;
  readonly flags: FilterRules;
  readonly rulesPath: string | null;
}): Promise<LoadedRules> {
  const { base, flags, rulesPath } = options;
  const filter = base ? base.layer(flags) : createFilter(flags);
  const ofFlags = await findBroadRules(flags);
  if (rulesPath === null) return { filter, broadRules: ofFlags };
  const rules = await readRulesFile(rulesPath);
  return { filter: filter.layer(rules), broadRules: [...ofFlags, ...(await findBroadRules(rules))] };
}

const patterns = z.array(z.string()).optional();
const rulesSchema = z.strictObject({ allow: patterns, allowPrivate: patterns, deny: patterns });

/** One by one, since a filter of all does not say in which list the bad one stands. */
function checkPatterns(path: string, rules: FilterRules): void {
  for (const list of ["allow", "allowPrivate", "deny"] as const) {
    for (const [index, pattern] of (rules[list] ?? []).entries()) {
      try {
        createFilter({ [list]: [pattern] });
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new SandboxError("bad_rules", `${path}: ${list}.${index}: ${reason}`, { cause });
      }
    }
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SandboxError("bad_rules", `${path} is not JSON: ${reason}`, { cause });
  }
}
