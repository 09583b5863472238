import { z } from "zod";
import type { LedgerStore, ToolMetrics } from "./ledger-store.ts";
import { parseRow } from "./parse-row.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

export function createToolMetrics(connection: SqliteConnection): LedgerStore["readToolMetrics"] {
  return (sessionId) =>
    connection
      .all(
        `SELECT name, count(*) AS calls, sum(outcome = 'ok') AS ok,
           sum(outcome IN ('error', 'cancelled')) AS failed, sum(outcome IN ('blocked', 'rejected')) AS refused,
           coalesce(sum(ran_ms), 0) AS totalMs, min(ran_ms) AS minMs, max(ran_ms) AS maxMs,
           max(finished_at) AS lastAtMs
         FROM (
           SELECT name, outcome, finished_at,
             CASE WHEN outcome NOT IN ('blocked', 'rejected') THEN duration_ms END AS ran_ms
           FROM tool_calls WHERE session_id = ? AND state = 'finished'
         ) GROUP BY name ORDER BY name`,
        sessionId,
      )
      .map((row) => parseRow(metricsRow, row));
}

const metricsRow: z.ZodType<ToolMetrics> = z.object({
  name: z.string(),
  calls: z.number(),
  ok: z.number(),
  failed: z.number(),
  refused: z.number(),
  totalMs: z.number(),
  minMs: z.number().nullable(),
  maxMs: z.number().nullable(),
  lastAtMs: z.number(),
});
