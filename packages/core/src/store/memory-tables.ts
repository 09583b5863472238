import { CoreError } from "../errors.ts";
import type { ConnectionRecord } from "./connection-record.ts";
import type { Draft, Entry } from "./entry.ts";
import type { InputRecord } from "./input-store.ts";
import type { AuditRecord, UsageRecord } from "./ledger-store.ts";
import type { LiveBatch } from "./live-store.ts";
import type { MemoryItem } from "./memory-item-store.ts";
import type { LeaseOwner, SessionRecord, SessionWriter } from "./session-record.ts";
import type { TaskItem } from "./task-store.ts";
import type { ToolCallRecord } from "./tool-call-record.ts";
import type { UndoLog } from "./undo-log.ts";
import type { WaitRecord } from "./wait-store.ts";

/** All that a store in memory holds. It is changed through `log` alone. */
export interface MemoryTables {
  readonly log: UndoLog;
  readonly sessions: Map<string, MemorySession>;
  readonly entries: Map<string, Entry>;
  readonly waits: Map<string, WaitRecord>;
  readonly blobs: Map<string, Uint8Array>;
  readonly memories: Map<string, MemoryItem>;
}

/** Throws when the store was closed. */
export type OpenTables = () => MemoryTables;

export interface MemorySession {
  record: SessionRecord;
  isDeleted: boolean;
  lease: LeaseOwner | null;
  draft: Draft | null;
  entryIds: string[];
  calls: Map<string, MemoryCall>;
  usage: UsageRecord[];
  connections: ConnectionRecord[];
  audit: AuditRecord[];
  inputs: Map<string, InputRecord>;
  live: readonly LiveBatch[];
  blobHashes: Map<string, true>;
  values: Map<string, string>;
  tasks: readonly TaskItem[];
  ownedFiles: readonly string[];
}

export interface MemoryCall {
  readonly record: ToolCallRecord;
  readonly finishedAtMs: number;
}

export function createMemorySession(record: SessionRecord): MemorySession {
  return {
    record,
    isDeleted: false,
    lease: null,
    draft: null,
    entryIds: [],
    calls: new Map(),
    usage: [],
    connections: [],
    audit: [],
    inputs: new Map(),
    live: [],
    blobHashes: new Map(),
    values: new Map(),
    tasks: [],
    ownedFiles: [],
  };
}

/** @throws {CoreError} `store_rejected` when it is not there, or deleted. */
export function needSession(tables: MemoryTables, id: string): MemorySession {
  const session = tables.sessions.get(id);
  if (session !== undefined && !session.isDeleted) return session;
  throw new CoreError("store_rejected", `no session ${JSON.stringify(id)} in this store`);
}

/** @throws {CoreError} `lease_lost` when a later lease was taken; `store_rejected` without the session. */
export function needWritable(tables: MemoryTables, writer: SessionWriter): MemorySession {
  const session = tables.sessions.get(writer.sessionId);
  if (session !== undefined && session.record.fence !== writer.fence) {
    throw new CoreError("lease_lost", `another writer has session ${writer.sessionId} now`);
  }
  return needSession(tables, writer.sessionId);
}

/** As {@link needWritable}, and the session was written to at `nowMs`. */
export function touchWritable(tables: MemoryTables, writer: SessionWriter, nowMs: number): MemorySession {
  const session = needWritable(tables, writer);
  touchSession(tables, session, nowMs);
  return session;
}

export function touchSession(tables: MemoryTables, session: MemorySession, nowMs: number): void {
  if (!Number.isSafeInteger(nowMs)) throw new CoreError("store_rejected", `not a time that can be kept: ${nowMs}`);
  if (nowMs <= session.record.updatedAtMs) return;
  tables.log.assign(session, { record: { ...session.record, updatedAtMs: nowMs } });
}
