import { readFile } from "node:fs/promises";
import { z } from "zod";
import { SandboxError } from "../errors.ts";
import { createFilter, type Filter, type FilterRules } from "../filter/filter.ts";

/**
 * Reads a rules file: JSON with the lists `allow`, `allowPrivate` and `deny`, each optional, and nothing else.
 *
 * @throws {SandboxError} `bad_rules` naming file and field: unreadable, no JSON, an unknown or wrong field.
 */
export async function readRulesFile(path: string): Promise<FilterRules> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new SandboxError("bad_rules", `cannot read the rules file ${path}`, { cause });
  });
  const parsed = rulesSchema.safeParse(parseJson(path, text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.path.join(".") || "the top level";
    throw new SandboxError("bad_rules", `${path}: ${field}: ${issue?.message ?? "not a set of rules"}`);
  }
  return parsed.data;
}

/** The filter of a `koda-sandbox proxy`: what the flags say, then what the file says. A deny of either wins. */
export async function loadFilter(options: {
  readonly base: Filter | null;
  readonly flags: FilterRules;
  readonly rulesPath: string | null;
}): Promise<Filter> {
  const { base, flags, rulesPath } = options;
  const filter = base ? base.layer(flags) : createFilter(flags);
  return rulesPath === null ? filter : filter.layer(await readRulesFile(rulesPath));
}

const patterns = z.array(z.string()).optional();
const rulesSchema = z.strictObject({ allow: patterns, allowPrivate: patterns, deny: patterns });

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SandboxError("bad_rules", `${path} is not JSON`, { cause });
  }
}
