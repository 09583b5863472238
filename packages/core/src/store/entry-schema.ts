import { z } from "zod";
import { CoreError } from "../errors.ts";
import type { EntryContent } from "./entry.ts";

/**
 * Reads the content of an entry as it lies on disk.
 *
 * @throws {CoreError} `store_failed` when it is not JSON, or of no kind that this version knows.
 */
export function parseEntryContent(json: string): EntryContent {
  try {
    return entryContentSchema.parse(JSON.parse(json));
  } catch (error) {
    throw new CoreError("store_failed", "an entry in the database cannot be understood", { cause: error });
  }
}

const outcome = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("complete"), text: z.string() }),
  z.object({ kind: z.literal("cancelled") }),
  z.object({ kind: z.literal("paused") }),
  z.object({
    kind: z.literal("limit"),
    limit: z.enum(["max-turns", "loop-cap", "repeated-calls", "max-cost", "timeout"]),
    message: z.string(),
  }),
  z.object({ kind: z.literal("error"), code: z.string(), message: z.string() }),
]);

export const entryContentSchema: z.ZodType<EntryContent> = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("user"),
    source: z.enum(["prompt", "steer", "guard"]),
    text: z.string(),
    turn: z.object({ number: z.int(), protocol: z.int() }).optional(),
  }),
  z.object({
    kind: z.literal("assistant"),
    text: z.string(),
    thinking: z.string(),
    toolCalls: z.array(z.object({ callId: z.string(), name: z.string(), argumentsJson: z.string() })),
    isComplete: z.boolean(),
    step: z.int().optional(),
  }),
  z.object({ kind: z.literal("summary"), text: z.string(), keptFromId: z.string().nullable() }),
  z.object({ kind: z.literal("turn-end"), outcome }),
]);
