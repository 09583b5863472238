import { CoreError } from "../errors.ts";
import { changeSession } from "./change-session.ts";
import { findByPrefix } from "./find-by-prefix.ts";
import type { SessionRecord } from "./session-record.ts";
import { sessionColumns, toSessionRecord, toSessionRecordOrNull } from "./session-row.ts";
import type { SessionStore } from "./session-store.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { deleteSession } from "./sqlite-deletion.ts";
import { createLeaseStore } from "./sqlite-leases.ts";
import { checkOnPath } from "./sqlite-path.ts";
import { checkWriter, noSession } from "./sqlite-writer.ts";

export function createSessionStore(connection: SqliteConnection): SessionStore {
  const readSession = (id: string): SessionRecord | null => {
    const row = connection.get(`SELECT ${sessionColumns} FROM sessions WHERE id = ? AND deleted_at IS NULL`, id);
    return row === undefined ? null : toSessionRecord(row);
  };
  const listSessions = (projectRoot: string | null, count: number): readonly SessionRecord[] =>
    connection.pick(
      `SELECT ${sessionColumns} FROM sessions WHERE turn_count > 0 AND deleted_at IS NULL
       ${projectRoot === null ? "" : "AND project_root = ?"} ORDER BY updated_at DESC, id DESC`,
      projectRoot === null ? [] : [projectRoot],
      count,
      toSessionRecordOrNull,
    );

  return {
    ...createLeaseStore(connection),
    readSession,
    listSessions: (projectRoot) => listSessions(projectRoot, 100),
    latestSession: (projectRoot) => listSessions(projectRoot, 1)[0] ?? null,
    listChildren: (id) =>
      connection.pick(
        `SELECT ${sessionColumns} FROM sessions WHERE parent_id = ? AND deleted_at IS NULL ORDER BY created_at, id`,
        [id],
        1000,
        toSessionRecordOrNull,
      ),
    findSession: (prefix) =>
      // A whole id means its own session, also when that one cannot be read.
      readSession(prefix) ??
      findByPrefix(
        prefix,
        connection.pick(
          `SELECT ${sessionColumns} FROM sessions
           WHERE substr(id, 1, length(?)) = ? AND deleted_at IS NULL ORDER BY id`,
          [prefix, prefix],
          3,
          toSessionRecordOrNull,
        ),
      ),
    createSession: (record) => connection.transaction(() => insertSession(connection, record)),
    changeSession: (writer, change, nowMs) =>
      connection.transaction(() => {
        checkWriter(connection, writer);
        if (change.leafId !== undefined && change.leafId !== null) {
          checkOnPath(connection, writer.sessionId, change.leafId);
        }
        const known = readSession(writer.sessionId);
        if (known === null) throw noSession(writer.sessionId);
        const changed = changeSession(known, change, nowMs);
        connection.run(
          `UPDATE sessions SET title = ?, provider_id = ?, model = ?, mode = ?, turn_count = ?,
             state = coalesce(?, state), state_reason = ?, leaf_id = ?, updated_at = ? WHERE id = ?`,
          changed.title,
          changed.providerId,
          changed.model,
          changed.mode,
          changed.turnCount,
          change.state ?? null,
          toJson(changed.stateReason),
          changed.leafId,
          changed.updatedAtMs,
          writer.sessionId,
        );
      }),
    deleteSession: (writer) => connection.transaction(() => deleteSession(connection, writer)),
  };
}

function insertSession(connection: SqliteConnection, record: SessionRecord): void {
  if (record.parentId !== null) checkParent(connection, record.parentId, record.leafId);
  else if (record.leafId !== null) {
    throw new CoreError("store_rejected", `session ${record.id} begins at an entry, but has no parent to have it from`);
  }
  connection.run(
    `INSERT INTO sessions (id, project_root, title, provider_id, model, mode, state, state_reason, parent_id, leaf_id,
       turn_count, fence, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    record.id,
    record.projectRoot,
    record.title,
    record.providerId,
    record.model,
    record.mode,
    record.state,
    record.state === "error" ? toJson(record.stateReason) : null,
    record.parentId,
    record.leafId,
    record.turnCount,
    record.fence,
    record.createdAtMs,
    record.updatedAtMs,
  );
  if (record.parentId !== null && record.leafId !== null) {
    // The results on its path may lie in blobs.
    connection.run(
      "INSERT INTO blob_references (session_id, hash) SELECT ?, hash FROM blob_references WHERE session_id = ?",
      record.id,
      record.parentId,
    );
  }
}

function checkParent(connection: SqliteConnection, parentId: string, leafId: string | null): void {
  const parent = connection.get("SELECT 1 FROM sessions WHERE id = ? AND deleted_at IS NULL", parentId);
  if (parent === undefined) throw noSession(parentId);
  if (leafId !== null) checkOnPath(connection, parentId, leafId);
}

const toJson = (value: SessionRecord["stateReason"]): string | null => (value === null ? null : JSON.stringify(value));
