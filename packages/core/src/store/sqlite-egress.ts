import { z } from "zod";
import type { ConnectionRecord } from "./connection-record.ts";
import type { JournalStore } from "./journal-store.ts";
import { parseRow } from "./parse-row.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { touchAsWriter } from "./sqlite-writer.ts";
import { toWholeNumber } from "./whole-number.ts";

export function createEgressStore(
  connection: SqliteConnection,
): Pick<JournalStore, "recordConnection" | "listConnections"> {
  return {
    recordConnection: (writer, record, nowMs) =>
      connection.transaction(() => {
        touchAsWriter(connection, writer, nowMs);
        connection.run(
          `INSERT INTO egress (session_id, call_id, protocol, host, port, address, verdict, rule, reason, bytes_up,
             bytes_down, duration_ms, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          writer.sessionId,
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
          toWholeNumber(record.durationMs),
          nowMs,
        );
      }),
    listConnections: (sessionId) =>
      connection
        .all(
          `SELECT 'connection' AS type, call_id AS callId, protocol, host, port, address, verdict, rule, reason,
             bytes_up AS bytesUp, bytes_down AS bytesDown, duration_ms AS durationMs
           FROM egress WHERE session_id = ? ORDER BY seq`,
          sessionId,
        )
        .map((row) => parseRow(connectionRow, row)),
  };
}

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
