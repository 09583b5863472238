import { z } from "zod";
import type { FileChange } from "../tools/tool.ts";
import { parseRow } from "./parse-row.ts";
import type { ToolCallRecord } from "./tool-call-record.ts";

/** One row of `tool_calls` as a value. Throws when the row breaks the promises of the schema. */
export function toToolCallRecord(row: unknown): ToolCallRecord {
  const { callId, entryId, name, state, decision, reason, outcome, text, changes, durationMs } = parseRow(
    toolCallRow,
    row,
  );
  return {
    callId,
    entryId,
    name,
    state,
    decision: decision === null ? null : { kind: decision, reason: reason ?? "" },
    result:
      outcome === null
        ? null
        : {
            outcome,
            text: text ?? "",
            changes: parseRow(fileChanges, JSON.parse(changes ?? "[]")),
            durationMs: durationMs ?? 0,
          },
  };
}

const toolCallRow = z.object({
  callId: z.string(),
  entryId: z.string(),
  name: z.string(),
  state: z.enum(["requested", "decided", "started", "finished"]),
  decision: z.enum(["run", "ask", "block"]).nullable(),
  reason: z.string().nullable(),
  outcome: z.enum(["ok", "error", "blocked", "rejected", "cancelled"]).nullable(),
  text: z.string().nullable(),
  changes: z.string().nullable(),
  durationMs: z.number().nullable(),
});

const fileChanges: z.ZodType<readonly FileChange[]> = z.array(
  z.object({
    path: z.string(),
    kind: z.enum(["created", "changed", "deleted"]),
    addedLines: z.number(),
    removedLines: z.number(),
  }),
);
