import { z } from "zod";
import type { AuditRecord, LedgerStore } from "./ledger-store.ts";
import { maxAuditRecords } from "./max-audit-records.ts";
import { parseRow } from "./parse-row.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { touchAsWriter } from "./sqlite-writer.ts";

export function createAuditStore(connection: SqliteConnection): Pick<LedgerStore, "recordAudit" | "listAudit"> {
  return {
    recordAudit: (writer, record) =>
      connection.transaction(() => {
        touchAsWriter(connection, writer, record.createdAtMs);
        // Numbered, so that what is too old is found without counting.
        connection.run(
          `INSERT INTO audit (session_id, number, kind, severity, action, text, created_at)
           VALUES (?, (SELECT coalesce(max(number), 0) + 1 FROM audit WHERE session_id = ?), ?, ?, ?, ?, ?)`,
          writer.sessionId,
          writer.sessionId,
          record.kind,
          record.severity,
          record.action,
          record.text,
          record.createdAtMs,
        );
        connection.run(
          `DELETE FROM audit WHERE session_id = ?
             AND number <= (SELECT max(number) FROM audit WHERE session_id = ?) - ${maxAuditRecords}`,
          writer.sessionId,
          writer.sessionId,
        );
      }),
    listAudit: (sessionId) =>
      connection
        .all(
          `SELECT kind, severity, action, text, created_at AS createdAtMs FROM audit
           WHERE session_id = ? ORDER BY number`,
          sessionId,
        )
        .map((row) => parseRow(auditRow, row)),
  };
}

const auditRow: z.ZodType<AuditRecord> = z.object({
  kind: z.string(),
  severity: z.enum(["info", "warning", "critical"]),
  action: z.string(),
  text: z.string(),
  createdAtMs: z.number(),
});
