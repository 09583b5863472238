import { z } from "zod";
import type { FileChange } from "../tools/file-change.ts";
import { parseJson, parseRow } from "./parse-row.ts";
import type { ToolCallOutcome, ToolCallRecord } from "./tool-call-record.ts";

/** What {@link toToolCallRecord} reads, as a list of columns of `tool_calls`. */
export const toolCallColumns: string = `call_id AS callId, entry_id AS entryId, name, state, decision, reason, attempts,
  outcome, text, changes, duration_ms AS durationMs, origin, full_text_hash AS fullTextHash`;

/** One row of `tool_calls` as a value. Throws when the row breaks the promises of the schema. */
export function toToolCallRecord(row: unknown): ToolCallRecord {
  const { decision, reason, outcome, text, changes, durationMs, origin, fullTextHash, ...call } = parseRow(
    toolCallRow,
    row,
  );
  return {
    ...call,
    decision: decision === null ? null : { kind: decision, reason: reason ?? "" },
    result:
      outcome === null
        ? null
        : {
            outcome,
            text: text ?? "",
            changes: changes === null || changes === "[]" ? [] : parseJson(fileChanges, changes),
            durationMs: durationMs ?? 0,
            // Text of an unknown origin is trusted least.
            origin: origin ?? "external",
            fullTextHash,
          },
  };
}

export const toolCallOutcome: z.ZodType<ToolCallOutcome> = z.enum(["ok", "error", "blocked", "rejected", "cancelled"]);

const toolCallRow = z.object({
  callId: z.string(),
  entryId: z.string(),
  name: z.string(),
  state: z.enum(["requested", "decided", "started", "finished"]),
  decision: z.enum(["run", "ask", "block"]).nullable(),
  reason: z.string().nullable(),
  attempts: z.number(),
  outcome: toolCallOutcome.nullable(),
  text: z.string().nullable(),
  changes: z.string().nullable(),
  durationMs: z.number().nullable(),
  origin: z.enum(["koda", "workspace", "command", "external"]).nullable(),
  fullTextHash: z.string().nullable(),
});

const fileChanges: z.ZodType<readonly FileChange[]> = z.array(
  z.object({
    path: z.string(),
    kind: z.enum(["created", "changed", "deleted"]),
    addedLines: z.number(),
    removedLines: z.number(),
  }),
);
