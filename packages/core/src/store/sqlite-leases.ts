import { z } from "zod";
import { CoreError } from "../errors.ts";
import { parseRow } from "./parse-row.ts";
import type { LeaseOwner } from "./session-record.ts";
import type { SessionStore } from "./session-store.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { checkWriter, noSession } from "./sqlite-writer.ts";

type LeaseStore = Pick<SessionStore, "acquireLease" | "renewLease" | "readLease" | "releaseLease">;

export function createLeaseStore(connection: SqliteConnection): LeaseStore {
  const readLease = (sessionId: string): LeaseOwner | null => {
    const row = connection.get(
      `SELECT token, pid, start_marker AS startMarker, place, renewed_at AS renewedAtMs
       FROM leases WHERE session_id = ?`,
      sessionId,
    );
    return row === undefined ? null : parseRow(leaseRow, row);
  };
  return {
    readLease,
    acquireLease: (sessionId, owner, isAlive) =>
      connection.patientTransaction(() => {
        const holder = readLease(sessionId);
        if (holder !== null && isAlive(holder)) return { kind: "busy", owner: holder };
        const row = connection.get(
          "UPDATE sessions SET fence = fence + 1 WHERE id = ? AND deleted_at IS NULL RETURNING fence",
          sessionId,
        );
        if (row === undefined) throw noSession(sessionId);
        connection.run(
          `INSERT OR REPLACE INTO leases (session_id, token, pid, start_marker, place, renewed_at)
           VALUES (?, ?, ?, ?, ?, ?)`,
          sessionId,
          owner.token,
          owner.pid,
          owner.startMarker,
          owner.place,
          owner.renewedAtMs,
        );
        return { kind: "held", writer: { sessionId, fence: parseRow(fenceRow, row).fence } };
      }),
    renewLease: (writer, nowMs) =>
      connection.transaction(() => {
        checkWriter(connection, writer);
        const renewed = connection.run(
          "UPDATE leases SET renewed_at = max(renewed_at, ?) WHERE session_id = ?",
          nowMs,
          writer.sessionId,
        );
        if (renewed === 0) throw new CoreError("lease_lost", `the lease on ${writer.sessionId} was given back`);
      }),
    releaseLease(sessionId, token) {
      connection.run("DELETE FROM leases WHERE session_id = ? AND token = ?", sessionId, token);
    },
  };
}

const leaseRow: z.ZodType<LeaseOwner> = z.object({
  token: z.string(),
  pid: z.number(),
  startMarker: z.string(),
  place: z.string(),
  renewedAtMs: z.number(),
});

const fenceRow = z.object({ fence: z.number() });
