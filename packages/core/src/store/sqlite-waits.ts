import { z } from "zod";
import { CoreError } from "../errors.ts";
import { parseRow } from "./parse-row.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { checkWriter, touchAsWriter } from "./sqlite-writer.ts";
import type { WaitRecord, WaitStore } from "./wait-store.ts";

export function createWaitStore(connection: SqliteConnection): WaitStore {
  return {
    openWait: (writer, wait) =>
      connection.transaction(() => {
        touchAsWriter(connection, writer, wait.createdAtMs);
        connection.run(
          `INSERT INTO waits (key, session_id, turn_id, call_id, kind, payload, deadline, created_at, state)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'open')
           ON CONFLICT (key) DO UPDATE SET turn_id = excluded.turn_id, call_id = excluded.call_id,
             kind = excluded.kind, payload = excluded.payload, deadline = excluded.deadline,
             created_at = excluded.created_at, state = 'open'
           WHERE state = 'closed' AND session_id = excluded.session_id`,
          wait.key,
          writer.sessionId,
          wait.turnId,
          wait.callId,
          wait.kind,
          wait.payloadJson,
          wait.deadlineMs,
          wait.createdAtMs,
        );
        const own = connection.get("SELECT 1 FROM waits WHERE key = ? AND session_id = ?", wait.key, writer.sessionId);
        if (own === undefined) throw new CoreError("store_rejected", `wait ${wait.key} is of another session`);
      }),
    readWait(key) {
      const row = connection.get(`SELECT ${columns} FROM waits WHERE key = ?`, key);
      return row === undefined ? null : parseRow(waitRow, row);
    },
    answerWait: (key, { json, by, nowMs }) =>
      connection.run(
        `UPDATE waits SET state = 'answered', answer = ?, answered_by = ?
         WHERE key = ? AND state = 'open' AND (deadline IS NULL OR deadline > ?)`,
        json,
        by,
        key,
        nowMs,
      ) > 0,
    closeWait: (writer, key) =>
      connection.transaction(() => {
        checkWriter(connection, writer);
        connection.run(
          "UPDATE waits SET state = 'closed' WHERE key = ? AND session_id = ? AND state = 'open'",
          key,
          writer.sessionId,
        );
      }),
    listWaits: (sessionId, { state, nowMs }) =>
      connection
        .all(
          `SELECT ${columns} FROM waits WHERE session_id = ?
             AND (? = 'all' OR (state = 'open' AND (deadline IS NULL OR deadline > ?))) ORDER BY created_at, seq`,
          sessionId,
          state,
          nowMs,
        )
        .map((row) => parseRow(waitRow, row)),
  };
}

const columns = `key, session_id AS sessionId, turn_id AS turnId, call_id AS callId, kind, payload AS payloadJson,
  deadline AS deadlineMs, created_at AS createdAtMs, answer AS answerJson, answered_by AS answeredBy, state`;

const waitRow: z.ZodType<WaitRecord> = z.object({
  key: z.string(),
  sessionId: z.string(),
  turnId: z.string(),
  callId: z.string().nullable(),
  kind: z.enum(["approval", "question", "steps", "external"]),
  payloadJson: z.string(),
  deadlineMs: z.number().nullable(),
  createdAtMs: z.number(),
  answerJson: z.string().nullable(),
  answeredBy: z.string().nullable(),
  state: z.enum(["open", "answered", "closed"]),
});
