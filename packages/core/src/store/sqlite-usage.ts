import { z } from "zod";
import { llmFailureCode } from "../ports/llm-failure-code.ts";
import type { LedgerStore, UsageGroup, UsageRecord, UsageTotals } from "./ledger-store.ts";
import { parseRow } from "./parse-row.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { touchAsWriter } from "./sqlite-writer.ts";
import { toStoredUsage } from "./stored-usage.ts";

type UsageStore = Pick<LedgerStore, "recordUsage" | "readUsage" | "listUsage" | "sumUsage">;

export function createUsageStore(connection: SqliteConnection): UsageStore {
  return {
    recordUsage: (writer, usage) =>
      connection.transaction(() => {
        touchAsWriter(connection, writer, usage.createdAtMs);
        insertUsage(connection, writer.sessionId, toStoredUsage(usage));
      }),
    readUsage: (sessionId) => toTotals(connection.get(`SELECT ${sums} FROM usage WHERE session_id = ?`, sessionId)),
    listUsage: (sessionId) =>
      connection.all(`SELECT ${columns} FROM usage WHERE session_id = ? ORDER BY seq`, sessionId).map(toUsage),
    sumUsage(by, { sessionId, model, fromMs, toMs }) {
      const key = by === "model" ? "model" : "coalesce(date(created_at / 1000, 'unixepoch'), '')";
      const order = by === "model" ? "costMicros DESC NULLS LAST, inputTokens + outputTokens DESC, key" : "key";
      return connection
        .all(
          `WITH RECURSIVE family (id) AS (
             SELECT ? UNION SELECT sessions.id FROM family JOIN sessions ON sessions.parent_id = family.id
           )
           SELECT ${key} AS key, ${sums} FROM usage
           WHERE (? IS NULL OR session_id IN family) AND (? IS NULL OR model = ?)
             AND (? IS NULL OR created_at >= ?) AND (? IS NULL OR created_at <= ?)
           GROUP BY 1 ORDER BY ${order}`,
          sessionId,
          sessionId,
          model ?? null,
          model ?? null,
          fromMs ?? null,
          fromMs ?? null,
          toMs ?? null,
          toMs ?? null,
        )
        .map((row): UsageGroup => ({ key: parseRow(keyRow, row).key, ...toTotals(row) }));
    },
  };
}

function insertUsage(connection: SqliteConnection, sessionId: string, usage: UsageRecord): void {
  connection.run(
    `INSERT INTO usage (session_id, turn_id, label, provider_id, model, step, attempt, outcome, failure_code,
       retry_after_ms, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, thinking_tokens, cost_micros,
       duration_ms, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    sessionId,
    usage.turnId,
    usage.label,
    usage.providerId,
    usage.model,
    usage.step,
    usage.attempt,
    usage.outcome,
    usage.failureCode,
    usage.retryAfterMs,
    usage.inputTokens,
    usage.outputTokens,
    usage.cacheReadTokens,
    usage.cacheWriteTokens ?? null,
    usage.thinkingTokens,
    usage.costMicros,
    usage.durationMs,
    usage.createdAtMs,
  );
}

const columns = `turn_id AS turnId, label, provider_id AS providerId, model, step, attempt, outcome,
  failure_code AS failureCode, retry_after_ms AS retryAfterMs, input_tokens AS inputTokens,
  output_tokens AS outputTokens, cache_read_tokens AS cacheReadTokens, cache_write_tokens AS cacheWriteTokens,
  thinking_tokens AS thinkingTokens, cost_micros AS costMicros, duration_ms AS durationMs, created_at AS createdAtMs`;

const sums = `coalesce(sum(input_tokens), 0) AS inputTokens, coalesce(sum(output_tokens), 0) AS outputTokens,
  coalesce(sum(cache_read_tokens), 0) AS cacheReadTokens, sum(cache_write_tokens) AS cacheWriteTokens,
  coalesce(sum(thinking_tokens), 0) AS thinkingTokens, sum(cost_micros) AS costMicros,
  coalesce(sum(cost_micros IS NULL AND input_tokens + output_tokens > 0), 0) AS unpricedRequests, count(*) AS requests`;

function toUsage(row: unknown): UsageRecord {
  const { cacheWriteTokens, ...usage } = parseRow(usageRow, row);
  return cacheWriteTokens === null ? usage : { ...usage, cacheWriteTokens };
}

function toTotals(row: unknown): UsageTotals {
  const { cacheWriteTokens, ...totals } = parseRow(totalsRow, row);
  return cacheWriteTokens === null ? totals : { ...totals, cacheWriteTokens };
}

const tokens = {
  inputTokens: z.number(),
  outputTokens: z.number(),
  cacheReadTokens: z.number(),
  cacheWriteTokens: z.number().nullable(),
  thinkingTokens: z.number(),
};

const totalsRow = z.object({
  ...tokens,
  costMicros: z.number().nullable(),
  unpricedRequests: z.number(),
  requests: z.number(),
});

const keyRow = z.object({ key: z.string() });

const usageRow = z.object({
  ...tokens,
  turnId: z.string(),
  label: z.string(),
  providerId: z.string(),
  model: z.string(),
  step: z.number(),
  attempt: z.number(),
  outcome: z.enum(["finished", "failed", "aborted"]),
  failureCode: llmFailureCode.nullable(),
  retryAfterMs: z.number().nullable(),
  costMicros: z.number().nullable(),
  durationMs: z.number(),
  createdAtMs: z.number(),
});
