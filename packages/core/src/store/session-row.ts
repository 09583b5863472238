import { z } from "zod";
import { parseRow } from "./parse-row.ts";
import type { SessionRecord } from "./session-record.ts";

/** What {@link toSessionRecord} reads, as a list of columns of `sessions`. */
export const sessionColumns: string = `id, project_root AS projectRoot, title, provider_id AS providerId, model, mode, state,
  state_reason AS stateReason, parent_id AS parentId, leaf_id AS leafId, turn_count AS turnCount, fence,
  created_at AS createdAtMs, updated_at AS updatedAtMs`;

/** One row of `sessions`. Throws when the row cannot be understood; a state that cannot is `unknown`. */
export function toSessionRecord(row: unknown): SessionRecord {
  const { stateReason, ...record } = parseRow(sessionRow, row);
  return { ...record, stateReason: record.state === "error" ? toReason(stateReason) : null };
}

/** As {@link toSessionRecord}, but null instead of an error: one bad row does not hide the others. */
export function toSessionRecordOrNull(row: unknown): SessionRecord | null {
  try {
    return toSessionRecord(row);
  } catch {
    // Whoever asks for that session alone is told.
    return null;
  }
}

function toReason(json: string | null): SessionRecord["stateReason"] {
  const unreadable = { code: "unknown", text: "the reason cannot be read" };
  if (json === null) return unreadable;
  try {
    return reason.parse(JSON.parse(json));
  } catch {
    // It only says why; the state itself is known.
    return unreadable;
  }
}

const reason = z.object({ code: z.string(), text: z.string() });

const sessionRow = z.object({
  id: z.string(),
  projectRoot: z.string(),
  title: z.string().nullable(),
  providerId: z.string(),
  model: z.string(),
  mode: z.enum(["plan", "safe", "auto"]),
  state: z.enum(["unknown", "active", "paused", "completed", "error"]).catch("unknown"),
  stateReason: z.string().nullable(),
  parentId: z.string().nullable(),
  leafId: z.string().nullable(),
  turnCount: z.number(),
  fence: z.number(),
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
});
