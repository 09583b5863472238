import type { z } from "zod";
import { CoreError } from "../errors.ts";

/**
 * Checks one value from disk.
 *
 * @throws {CoreError} `store_failed` when it is not of the shape that this version writes.
 */
export function parseRow<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new CoreError("store_failed", `a row of the database cannot be understood: ${parsed.error.message}`);
}

/** As {@link parseRow}, of JSON text. */
export function parseJson<T>(schema: z.ZodType<T>, json: string): T {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new CoreError("store_failed", "a row of the database holds what is no JSON", { cause: error });
  }
  return parseRow(schema, value);
}
