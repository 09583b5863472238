import { CoreError } from "../errors.ts";
import type { ConnectionRecord } from "./connection-record.ts";
import type { Draft, Entry } from "./entry.ts";
import { findByPrefix } from "./find-by-prefix.ts";
import { createMemoryProject } from "./memory-project.ts";
import type { LeaseOwner, SessionRecord } from "./session-record.ts";
import type { JournalStore, SessionStore, Store, UsageRecord } from "./store.ts";
import type { ToolCallRecord } from "./tool-call-record.ts";

/** A store that lives as long as its process: for embedders who keep nothing, and for tests. */
export function createMemoryStore(): Store {
  const sessions = new Map<string, MemorySession>();
  return {
    ...createMemorySessions(sessions),
    ...createMemoryJournal(sessions),
    ...createMemoryProject(),
    close: () => sessions.clear(),
  };
}

interface MemorySession {
  record: SessionRecord;
  lease: LeaseOwner | null;
  draft: Draft | null;
  readonly entries: Map<string, Entry>;
  readonly calls: Map<string, ToolCallRecord>;
  readonly usage: UsageRecord[];
  readonly connections: ConnectionRecord[];
  ownedFiles: readonly string[];
}

function createMemorySessions(sessions: Map<string, MemorySession>): SessionStore {
  const listSessions = (projectRoot: string | null): readonly SessionRecord[] =>
    [...sessions.values()]
      .map((session) => session.record)
      .filter((record) => record.turnCount > 0 && (projectRoot === null || record.projectRoot === projectRoot))
      .sort((left, right) => right.updatedAtMs - left.updatedAtMs || (left.id < right.id ? 1 : -1))
      .slice(0, 100);

  return {
    createSession(record) {
      if (sessions.has(record.id)) throw new CoreError("store_rejected", `session ${record.id} exists already`);
      const empty = { entries: new Map(), calls: new Map(), usage: [], connections: [], ownedFiles: [] };
      sessions.set(record.id, { record, lease: null, draft: null, ...empty });
    },
    readSession: (id) => sessions.get(id)?.record ?? null,
    changeSession(id, change, nowMs) {
      const session = need(sessions, id);
      session.record = {
        ...session.record,
        title: change.title ?? session.record.title,
        providerId: change.providerId ?? session.record.providerId,
        model: change.model ?? session.record.model,
        mode: change.mode ?? session.record.mode,
        turnCount: change.turnCount ?? session.record.turnCount,
        updatedAtMs: Math.max(session.record.updatedAtMs, nowMs),
      };
    },
    listSessions,
    latestSession: (projectRoot) => listSessions(projectRoot)[0] ?? null,
    findSession(prefix) {
      const matches = [...sessions.values()].map((session) => session.record).filter(({ id }) => id.startsWith(prefix));
      return findByPrefix(prefix, matches.sort((left, right) => (left.id < right.id ? -1 : 1)).slice(0, 3));
    },
    acquireLease(sessionId, owner, isAlive) {
      const session = need(sessions, sessionId);
      if (session.lease !== null && isAlive(session.lease)) return session.lease;
      session.lease = owner;
      return null;
    },
    releaseLease(sessionId, token) {
      const session = sessions.get(sessionId);
      if (session?.lease?.token === token) session.lease = null;
    },
  };
}

function createMemoryJournal(sessions: Map<string, MemorySession>): JournalStore {
  const changeCall = (sessionId: string, callId: string, change: (call: ToolCallRecord) => ToolCallRecord): void => {
    const { calls } = need(sessions, sessionId);
    const call = calls.get(callId);
    if (call !== undefined && call.state !== "finished") calls.set(callId, change(call));
  };

  return {
    appendEntry(entry) {
      const session = need(sessions, entry.sessionId);
      if (entry.parentId !== null && !session.entries.has(entry.parentId)) {
        throw new CoreError("store_rejected", `entry ${entry.id} follows ${entry.parentId}, which is not stored`);
      }
      if (session.entries.has(entry.id)) {
        throw new CoreError("store_rejected", `entry ${entry.id} exists already`);
      }
      session.entries.set(entry.id, entry);
      const updatedAtMs = Math.max(session.record.updatedAtMs, entry.createdAtMs);
      session.record = { ...session.record, updatedAtMs };
      if (entry.content.kind !== "assistant") return;
      session.draft = null;
      for (const { callId, name } of entry.content.toolCalls) {
        const fresh = { callId, entryId: entry.id, name, state: "requested", decision: null, result: null } as const;
        session.calls.set(callId, fresh);
      }
    },
    readEntries: (sessionId) => [...(sessions.get(sessionId)?.entries.values() ?? [])],
    writeDraft(sessionId, draft) {
      need(sessions, sessionId).draft = draft;
    },
    readDraft: (sessionId) => sessions.get(sessionId)?.draft ?? null,
    decideCall(sessionId, callId, decision) {
      changeCall(sessionId, callId, (call) =>
        call.state === "started" ? call : { ...call, state: "decided", decision },
      );
    },
    startCall(sessionId, callId) {
      changeCall(sessionId, callId, (call) => ({ ...call, state: "started" }));
    },
    finishCall(sessionId, callId, result) {
      changeCall(sessionId, callId, (call) => ({
        ...call,
        state: "finished",
        result: { ...result, durationMs: Math.round(result.durationMs) },
      }));
    },
    readCalls: (sessionId) => [...(sessions.get(sessionId)?.calls.values() ?? [])],
    recordUsage(sessionId, usage) {
      need(sessions, sessionId).usage.push(usage);
    },
    readUsage(sessionId) {
      const records = sessions.get(sessionId)?.usage ?? [];
      return {
        inputTokens: sum(records.map((usage) => usage.inputTokens)),
        outputTokens: sum(records.map((usage) => usage.outputTokens)),
        cacheReadTokens: sum(records.map((usage) => usage.cacheReadTokens)),
        thinkingTokens: sum(records.map((usage) => usage.thinkingTokens)),
      };
    },
    recordConnection(sessionId, record) {
      need(sessions, sessionId).connections.push({ ...record, durationMs: Math.round(record.durationMs) });
    },
    listConnections: (sessionId) => [...(sessions.get(sessionId)?.connections ?? [])],
    readOwnedFiles: (sessionId) => sessions.get(sessionId)?.ownedFiles ?? [],
    writeOwnedFiles(sessionId, paths) {
      need(sessions, sessionId).ownedFiles = [...new Set(paths)].sort();
    },
  };
}

function need(sessions: Map<string, MemorySession>, id: string): MemorySession {
  const session = sessions.get(id);
  if (session === undefined) throw new CoreError("store_rejected", `no session ${JSON.stringify(id)} in this store`);
  return session;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + Math.round(value), 0);
