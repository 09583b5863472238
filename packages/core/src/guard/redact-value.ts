import { type Redaction, redact } from "./redact.ts";
import type { SecretScanner } from "./secret-scanner.ts";

/** A value without its secrets, and their names. */
export interface ValueRedaction<T> {
  readonly value: T;
  readonly found: readonly string[];
}

/**
 * Redacts every string in a JSON value, keys too. What holds no secret comes back as the very same value. What lies
 * deeper than 200 levels is replaced whole, since nobody has looked at it.
 */
export function redactValue<T>(value: T, scanner: SecretScanner): ValueRedaction<T> {
  const found = new Set<string>();
  const redactText = (text: string): string => {
    const redaction = redact(text, scanner);
    for (const name of redaction.found) found.add(name);
    return redaction.text;
  };
  // Only strings are replaced, and only by strings, so the shape is the same.
  return { value: mapStrings(value, redactText, 0) as T, found: [...found] };
}

/**
 * Redacts a JSON text, and leaves its syntax whole: its strings one by one, then what only shows across them, such as
 * the name of a key beside it. What is no JSON is redacted as a text.
 */
export function redactJson(json: string, scanner: SecretScanner): Redaction {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return redact(json, scanner); // Half-written arguments of a model have secrets too.
  }
  const { value, found } = redactValue(parsed, scanner);
  const inStrings = found.length === 0 ? json : JSON.stringify(value);
  const across = redact(inStrings, scanner);
  if (across.found.length === 0) return { text: inStrings, found };
  const text = isJson(across.text) ? across.text : JSON.stringify({ redacted: across.text });
  return { text, found: [...new Set([...found, ...across.found])] };
}

const maxDepth = 200;

function mapStrings(value: unknown, map: (text: string) => string, depth: number): unknown {
  if (typeof value === "string") return map(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= maxDepth) return "[left out: nested too deeply]";
  if (Array.isArray(value)) {
    const mapped = value.map((item) => mapStrings(item, map, depth + 1));
    return mapped.some((item, index) => item !== value[index]) ? mapped : value;
  }
  const entries = Object.entries(value);
  const mapped = entries.map(([name, item]): [string, unknown] => [map(name), mapStrings(item, map, depth + 1)]);
  const isChanged = mapped.some(([name, item], index) => name !== entries[index]?.[0] || item !== entries[index]?.[1]);
  return isChanged ? Object.fromEntries(mapped) : value;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
