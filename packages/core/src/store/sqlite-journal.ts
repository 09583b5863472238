import { z } from "zod";
import type { TokenUsage } from "../ports/llm-provider.ts";
import type { ConnectionRecord } from "./connection-record.ts";
import type { Draft, Entry } from "./entry.ts";
import { parseEntryContent } from "./entry-schema.ts";
import { parseRow } from "./parse-row.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { toToolCallRecord } from "./sqlite-tool-call.ts";
import type { JournalStore } from "./store.ts";

export function createJournalStore(connection: SqliteConnection): JournalStore {
  return {
    appendEntry: (entry) => connection.transaction(() => appendEntry(connection, entry)),
    readEntries: (sessionId) =>
      connection
        .all(
          `SELECT id, session_id AS sessionId, parent_id AS parentId, turn_id AS turnId, content,
             created_at AS createdAtMs FROM entries WHERE session_id = ? ORDER BY seq`,
          sessionId,
        )
        .map((row) => toEntry(row)),
    writeDraft(sessionId, draft) {
      if (draft === null) {
        connection.run("DELETE FROM drafts WHERE session_id = ?", sessionId);
        return;
      }
      connection.run(
        "INSERT OR REPLACE INTO drafts (session_id, turn_id, text, thinking) VALUES (?, ?, ?, ?)",
        sessionId,
        draft.turnId,
        draft.text,
        draft.thinking,
      );
    },
    readDraft(sessionId) {
      const row = connection.get(
        "SELECT turn_id AS turnId, text, thinking FROM drafts WHERE session_id = ?",
        sessionId,
      );
      return row === undefined ? null : parseRow(draftRow, row);
    },
    decideCall(sessionId, callId, decision, nowMs) {
      connection.run(
        `UPDATE tool_calls SET state = 'decided', decision = ?, reason = ?, decided_at = ?
         WHERE session_id = ? AND call_id = ? AND state IN ('requested', 'decided')`,
        decision.kind,
        decision.reason,
        nowMs,
        sessionId,
        callId,
      );
    },
    startCall(sessionId, callId, nowMs) {
      connection.run(
        `UPDATE tool_calls SET state = 'started', started_at = ?
         WHERE session_id = ? AND call_id = ? AND state <> 'finished'`,
        nowMs,
        sessionId,
        callId,
      );
    },
    finishCall(sessionId, callId, result, nowMs) {
      connection.run(
        `UPDATE tool_calls SET state = 'finished', outcome = ?, text = ?, changes = ?, duration_ms = ?, finished_at = ?
         WHERE session_id = ? AND call_id = ? AND state <> 'finished'`,
        result.outcome,
        result.text,
        JSON.stringify(result.changes),
        Math.round(result.durationMs),
        nowMs,
        sessionId,
        callId,
      );
    },
    readCalls: (sessionId) =>
      connection
        .all(
          `SELECT call_id AS callId, entry_id AS entryId, name, state, decision, reason, outcome, text, changes,
             duration_ms AS durationMs FROM tool_calls WHERE session_id = ? ORDER BY seq`,
          sessionId,
        )
        .map((row) => toToolCallRecord(row)),
    recordUsage(sessionId, usage) {
      connection.run(
        `INSERT INTO usage (session_id, turn_id, provider_id, model, input_tokens, output_tokens, cache_read_tokens,
           thinking_tokens, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        sessionId,
        usage.turnId,
        usage.providerId,
        usage.model,
        Math.round(usage.inputTokens),
        Math.round(usage.outputTokens),
        Math.round(usage.cacheReadTokens),
        Math.round(usage.thinkingTokens),
        usage.createdAtMs,
      );
    },
    readUsage: (sessionId) =>
      parseRow(
        usageRow,
        connection.get(
          `SELECT coalesce(sum(input_tokens), 0) AS inputTokens, coalesce(sum(output_tokens), 0) AS outputTokens,
             coalesce(sum(cache_read_tokens), 0) AS cacheReadTokens,
             coalesce(sum(thinking_tokens), 0) AS thinkingTokens FROM usage WHERE session_id = ?`,
          sessionId,
        ),
      ),
    recordConnection(sessionId, record, nowMs) {
      connection.run(
        `INSERT INTO egress (session_id, call_id, protocol, host, port, address, verdict, rule, reason, bytes_up,
           bytes_down, duration_ms, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        sessionId,
        record.callId,
        record.protocol,
        record.host,
        record.port,
        record.address,
        record.verdict,
        record.rule,
        record.reason,
        record.bytesUp,
        record.bytesDown,
        Math.round(record.durationMs),
        nowMs,
      );
    },
    listConnections: (sessionId) =>
      connection
        .all(
          `SELECT 'connection' AS type, call_id AS callId, protocol, host, port, address, verdict, rule, reason,
             bytes_up AS bytesUp, bytes_down AS bytesDown, duration_ms AS durationMs
           FROM egress WHERE session_id = ? ORDER BY seq`,
          sessionId,
        )
        .map((row) => parseRow(connectionRow, row)),
    readOwnedFiles: (sessionId) =>
      connection
        .all("SELECT path FROM owned_files WHERE session_id = ? ORDER BY path", sessionId)
        .map((row) => parseRow(pathRow, row).path),
    writeOwnedFiles: (sessionId, paths) =>
      connection.transaction(() => {
        connection.run("DELETE FROM owned_files WHERE session_id = ?", sessionId);
        for (const path of new Set(paths)) {
          connection.run("INSERT INTO owned_files (session_id, path) VALUES (?, ?)", sessionId, path);
        }
      }),
  };
}

function appendEntry(connection: SqliteConnection, entry: Entry): void {
  connection.run(
    "INSERT INTO entries (id, session_id, parent_id, turn_id, content, created_at) VALUES (?, ?, ?, ?, ?, ?)",
    entry.id,
    entry.sessionId,
    entry.parentId,
    entry.turnId,
    JSON.stringify(entry.content),
    entry.createdAtMs,
  );
  connection.run(
    "UPDATE sessions SET updated_at = max(updated_at, ?) WHERE id = ?",
    entry.createdAtMs,
    entry.sessionId,
  );
  if (entry.content.kind !== "assistant") return;
  connection.run("DELETE FROM drafts WHERE session_id = ?", entry.sessionId);
  for (const call of entry.content.toolCalls) {
    connection.run(
      "INSERT INTO tool_calls (session_id, call_id, entry_id, name, state, requested_at) VALUES (?, ?, ?, ?, 'requested', ?)",
      entry.sessionId,
      call.callId,
      entry.id,
      call.name,
      entry.createdAtMs,
    );
  }
}

function toEntry(row: unknown): Entry {
  const { content, ...rest } = parseRow(entryRow, row);
  return { ...rest, content: parseEntryContent(content) };
}

const entryRow = z.object({
  id: z.string(),
  sessionId: z.string(),
  parentId: z.string().nullable(),
  turnId: z.string(),
  content: z.string(),
  createdAtMs: z.number(),
});

const draftRow: z.ZodType<Draft> = z.object({ turnId: z.string(), text: z.string(), thinking: z.string() });

const usageRow: z.ZodType<TokenUsage> = z.object({
  inputTokens: z.number(),
  outputTokens: z.number(),
  cacheReadTokens: z.number(),
  thinkingTokens: z.number(),
});

const connectionRow: z.ZodType<ConnectionRecord> = z.object({
  type: z.literal("connection"),
  callId: z.string().nullable(),
  protocol: z.enum(["http-connect", "http", "socks5", "host-port", "publish"]),
  host: z.string(),
  port: z.number(),
  address: z.string().nullable(),
  verdict: z.enum(["allowed", "refused", "failed"]),
  rule: z.string().nullable(),
  reason: z.string(),
  bytesUp: z.number(),
  bytesDown: z.number(),
  durationMs: z.number(),
});

const pathRow = z.object({ path: z.string() });
