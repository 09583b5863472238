import { CoreError } from "../errors.ts";
import { changeSession } from "./change-session.ts";
import { findByPrefix } from "./find-by-prefix.ts";
import { checkRow, toKept } from "./memory-checks.ts";
import { deleteSession } from "./memory-deletion.ts";
import { createMemoryLeases } from "./memory-leases.ts";
import { checkOnPath } from "./memory-path.ts";
import { createMemorySession, needSession, needWritable, type OpenTables } from "./memory-tables.ts";
import type { SessionRecord } from "./session-record.ts";
import type { SessionStore } from "./session-store.ts";

export function createMemorySessions(open: OpenTables): SessionStore {
  const records = (): SessionRecord[] =>
    [...open().sessions.values()].filter((session) => !session.isDeleted).map((session) => ({ ...session.record }));
  const listSessions = (projectRoot: string | null): readonly SessionRecord[] =>
    records()
      .filter((record) => record.turnCount > 0 && (projectRoot === null || record.projectRoot === projectRoot))
      .sort((left, right) => right.updatedAtMs - left.updatedAtMs || (left.id < right.id ? 1 : -1))
      .slice(0, 100);

  return {
    ...createMemoryLeases(open),
    createSession(record) {
      const tables = open();
      if (tables.sessions.has(record.id)) throw new CoreError("store_rejected", `session id ${record.id} is used`);
      checkSession(record);
      if (record.state === "unknown") throw new CoreError("store_rejected", "no session begins in an unknown state");
      const fresh = createMemorySession(toKept(record.state === "error" ? record : { ...record, stateReason: null }));
      if (record.parentId !== null) {
        const parent = needSession(tables, record.parentId);
        if (record.leafId !== null) {
          checkOnPath(tables, record.parentId, record.leafId);
          fresh.blobHashes = new Map(parent.blobHashes);
        }
      } else if (record.leafId !== null) {
        throw new CoreError("store_rejected", `session ${record.id} begins at an entry, but has no parent`);
      }
      tables.log.transaction(() => tables.log.set(tables.sessions, record.id, fresh));
    },
    readSession(id) {
      const session = open().sessions.get(id);
      return session === undefined || session.isDeleted ? null : { ...session.record };
    },
    changeSession: (writer, change, nowMs) => {
      const tables = open();
      tables.log.transaction(() => {
        const session = needWritable(tables, writer);
        if (change.leafId !== undefined && change.leafId !== null) {
          checkOnPath(tables, writer.sessionId, change.leafId);
        }
        const changed = toKept(changeSession(session.record, change, nowMs));
        checkSession(changed);
        tables.log.assign(session, { record: changed });
      });
    },
    listSessions,
    latestSession: (projectRoot) => listSessions(projectRoot)[0] ?? null,
    listChildren: (id) =>
      records()
        .filter((record) => record.parentId === id)
        .sort((left, right) => left.createdAtMs - right.createdAtMs || (left.id < right.id ? -1 : 1))
        .slice(0, 1000),
    findSession(prefix) {
      const matches = records().filter(({ id }) => id.startsWith(prefix));
      return findByPrefix(prefix, matches.sort((left, right) => (left.id < right.id ? -1 : 1)).slice(0, 3));
    },
    deleteSession: (writer) => open().log.transaction(() => deleteSession(open(), writer)),
  };
}

function checkSession({ mode, state, turnCount, fence, createdAtMs, updatedAtMs }: SessionRecord): void {
  checkRow({
    whole: [turnCount, fence, createdAtMs, updatedAtMs],
    chosen: [
      [mode, "plan safe auto"],
      [state, "unknown active paused completed error"],
    ],
  });
}
