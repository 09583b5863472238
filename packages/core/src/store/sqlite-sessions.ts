import { z } from "zod";
import { CoreError } from "../errors.ts";
import { findByPrefix } from "./find-by-prefix.ts";
import { parseRow } from "./parse-row.ts";
import type { LeaseOwner, SessionRecord } from "./session-record.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import type { SessionStore } from "./store.ts";

export function createSessionStore(connection: SqliteConnection): SessionStore {
  const readSession = (id: string): SessionRecord | null => {
    const row = connection.get(`SELECT ${columns} FROM sessions WHERE id = ?`, id);
    return row === undefined ? null : parseRow(sessionRow, row);
  };
  const listSessions = (projectRoot: string | null): readonly SessionRecord[] =>
    connection
      .all(
        `SELECT ${columns} FROM sessions WHERE turn_count > 0 AND (? IS NULL OR project_root = ?)
         ORDER BY updated_at DESC, id DESC LIMIT 100`,
        projectRoot,
        projectRoot,
      )
      .map((row) => parseRow(sessionRow, row));

  return {
    readSession,
    listSessions,
    latestSession: (projectRoot) => listSessions(projectRoot)[0] ?? null,
    findSession: (prefix) =>
      findByPrefix(
        prefix,
        connection
          .all(`SELECT ${columns} FROM sessions WHERE substr(id, 1, length(?)) = ? ORDER BY id LIMIT 3`, prefix, prefix)
          .map((row) => parseRow(sessionRow, row)),
      ),
    createSession(record) {
      connection.run(
        `INSERT INTO sessions (id, project_root, title, provider_id, model, mode, turn_count, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        record.id,
        record.projectRoot,
        record.title,
        record.providerId,
        record.model,
        record.mode,
        record.turnCount,
        record.createdAtMs,
        record.updatedAtMs,
      );
    },
    changeSession(id, change, nowMs) {
      const changed = connection.run(
        `UPDATE sessions SET title = coalesce(?, title), provider_id = coalesce(?, provider_id),
           model = coalesce(?, model), mode = coalesce(?, mode), turn_count = coalesce(?, turn_count),
           updated_at = max(updated_at, ?) WHERE id = ?`,
        change.title ?? null,
        change.providerId ?? null,
        change.model ?? null,
        change.mode ?? null,
        change.turnCount ?? null,
        nowMs,
        id,
      );
      if (changed === 0) throw new CoreError("store_rejected", `no session ${JSON.stringify(id)} to change`);
    },
    acquireLease: (sessionId, owner, isAlive) =>
      connection.transaction(() => {
        const row = connection.get(
          "SELECT token, pid, start_marker AS startMarker FROM leases WHERE session_id = ?",
          sessionId,
        );
        const holder = row === undefined ? null : parseRow(leaseRow, row);
        if (holder !== null && isAlive(holder)) return holder;
        connection.run(
          "INSERT OR REPLACE INTO leases (session_id, token, pid, start_marker) VALUES (?, ?, ?, ?)",
          sessionId,
          owner.token,
          owner.pid,
          owner.startMarker,
        );
        return null;
      }),
    releaseLease(sessionId, token) {
      connection.run("DELETE FROM leases WHERE session_id = ? AND token = ?", sessionId, token);
    },
  };
}

const columns = `id, project_root AS projectRoot, title, provider_id AS providerId, model, mode,
  turn_count AS turnCount, created_at AS createdAtMs, updated_at AS updatedAtMs`;

const sessionRow: z.ZodType<SessionRecord> = z.object({
  id: z.string(),
  projectRoot: z.string(),
  title: z.string().nullable(),
  providerId: z.string(),
  model: z.string(),
  mode: z.enum(["plan", "safe", "auto"]),
  turnCount: z.number(),
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
});

const leaseRow: z.ZodType<LeaseOwner> = z.object({ token: z.string(), pid: z.number(), startMarker: z.string() });
