import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { SandboxError } from "../errors.ts";
import { createFilter } from "../filter/filter.ts";
import { createLimits } from "../policy/limits.ts";
import { escapeWildcards } from "../policy/path-glob.ts";
import type { PolicyInput } from "../policy/policy.ts";

/** What a policy file may say; every part may be absent. */
export type PolicyFile = Pick<
  PolicyInput,
  "writePaths" | "readOnlyPaths" | "readDenyPaths" | "isReadOnly" | "hosts" | "limits"
>;

/**
 * Reads a policy file: JSON with the fields `writePaths`, `readOnlyPaths`, `readDenyPaths`, `isReadOnly`, `hosts` (`allow`, `allowPrivate`, `deny`) and
 * `limits`, each optional, and nothing else. Paths come back absolute: relative ones are relative to the file. What begins with `~` or with a double
 * star and a slash stays as it is, since it is not about the file's place.
 *
 * @throws {SandboxError} `bad_policy` naming file and field: unreadable, no JSON, an unknown or wrong field, a bad limit or pattern of hosts.
 */
export async function readPolicyFile(path: string): Promise<PolicyFile> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw badFile(path, `cannot be read: ${say(cause)}`, cause);
  });
  const parsed = policySchema.safeParse(parseJson(path, text.replace(BYTE_ORDER_MARK, "")));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw badFile(path, `${issue?.path.join(".") || "the top level"}: ${issue?.message ?? "not a policy"}`);
  }
  const { writePaths, readOnlyPaths, readDenyPaths, isReadOnly, hosts, limits } = parsed.data;
  check(path, "hosts", () => createFilter(hosts ?? {}));
  check(path, "limits", () => createLimits(limits ?? {}));
  const from = escapeWildcards(dirname(resolve(path)));
  const isPlaced = (one: string): boolean => one === "" || /^(?:~|\/|\*\*\/)/.test(one);
  const place = (given: readonly string[] | undefined): readonly string[] =>
    (given ?? []).map((one) => (isPlaced(one) ? one : `${from}/${one}`));
  return {
    writePaths: place(writePaths),
    readOnlyPaths: place(readOnlyPaths),
    readDenyPaths: place(readDenyPaths),
    isReadOnly,
    hosts,
    limits,
  };
}

/** Some editors put one first; JSON has none (RFC 8259 §8.1). */
const BYTE_ORDER_MARK = /^\uFEFF/;

const texts = z.array(z.string()).optional();
const limit = z.number().nullable().optional();
const policySchema = z.strictObject({
  writePaths: texts,
  readOnlyPaths: texts,
  readDenyPaths: texts,
  isReadOnly: z.boolean().optional(),
  hosts: z.strictObject({ allow: texts, allowPrivate: texts, deny: texts }).optional(),
  limits: z
    .strictObject({
      memoryBytes: limit,
      processes: limit,
      cpuSeconds: limit,
      cpus: limit,
      fileBytes: limit,
      openFiles: limit,
      wallMs: limit,
    })
    .optional(),
});

function check(path: string, field: string, parse: () => unknown): void {
  try {
    parse();
  } catch (cause) {
    throw badFile(path, `${field}: ${say(cause)}`, cause);
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badFile(path, `is no JSON: ${say(cause)}`, cause);
  }
}

function badFile(path: string, problem: string, cause?: unknown): SandboxError {
  return new SandboxError("bad_policy", `the policy file ${path}: ${problem}`, { cause });
}

function say(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
