import { namesOf } from "./redact.ts";
import type { SecretScanner } from "./secret-scanner.ts";

/**
 * Whether a call's arguments hold a known value in any usual encoding: its name, never its text. Null: they hold none.
 * `scanner` finds known values only. Arguments too deep to be looked at count as holding one.
 */
export function findSecretInArguments(input: unknown, scanner: SecretScanner): { readonly name: string } | null {
  return search(input, scanner, 0);
}

const maxDepth = 200;

function search(value: unknown, scanner: SecretScanner, depth: number): { readonly name: string } | null {
  if (typeof value === "string") {
    const [name] = namesOf(scanner.scan(value, { from: 0, isFinal: true }).matches);
    return name === undefined ? null : { name };
  }
  if (typeof value === "number") return search(String(value), scanner, depth);
  if (typeof value !== "object" || value === null) return null;
  if (depth >= maxDepth) return { name: "arguments nested too deeply" };
  for (const [key, item] of Object.entries(value)) {
    const found = search(key, scanner, depth) ?? search(item, scanner, depth + 1);
    if (found !== null) return found;
  }
  return null;
}
