import type { Decision } from "../trust/decision.ts";
import type { ConnectionRecord } from "./connection-record.ts";
import type { Draft, Entry } from "./entry.ts";
import type { SessionWriter } from "./session-record.ts";
import type { ToolCallRecord, ToolCallResult } from "./tool-call-record.ts";

/** What happened in a session. Entries are a tree: each follows its parent, and a session's leaf ends its path. */
export interface JournalStore {
  /**
   * Appends an entry and makes it the leaf. An assistant entry also journals its calls as `requested`, and ends the
   * draft. `acceptsInput`: the waiting input that this entry is, which is accepted by that; `store_rejected` when it does
   * not wait any more. The parent may be an entry of the session that this one was forked from.
   */
  appendEntry(writer: SessionWriter, entry: Entry, options?: { readonly acceptsInput?: string | undefined }): void;
  /** Null for an unknown id. */
  readEntry(id: string): Entry | null;
  /** All that were appended to the session itself, every branch, in that order. Empty for an unknown session. */
  readEntries(sessionId: string): readonly Entry[];
  /** Null forgets it. */
  writeDraft(writer: SessionWriter, draft: Draft | null): void;
  readDraft(sessionId: string): Draft | null;
  /** Like the two below it throws `store_rejected` for a call that no entry of the session asked for. */
  decideCall(writer: SessionWriter, callId: string, decision: Decision, nowMs: number): void;
  /** `attempt` counts from 1; more than one when an interrupted call is run again. */
  startCall(writer: SessionWriter, callId: string, attempt: number, nowMs: number): void;
  /** The first result stands; a later one is ignored. */
  finishCall(writer: SessionWriter, callId: string, result: ToolCallResult, nowMs: number): void;
  /** All of the session's own, in the order they were asked for. */
  readCalls(sessionId: string): readonly ToolCallRecord[];
  /** Those that one entry asked for, in that order. */
  readCallsOf(entryId: string): readonly ToolCallRecord[];
  recordConnection(writer: SessionWriter, record: ConnectionRecord, nowMs: number): void;
  /** In the order they were recorded. */
  listConnections(sessionId: string): readonly ConnectionRecord[];
  /** Absolute paths of the files that this session created and that still count as its own. */
  readOwnedFiles(sessionId: string): readonly string[];
  /** Replaces the whole set. */
  writeOwnedFiles(writer: SessionWriter, paths: readonly string[]): void;
  /** Small state of a session by name (its plan, its goal), as JSON text. Null when never written. */
  readValue(sessionId: string, name: string): string | null;
  writeValue(writer: SessionWriter, name: string, json: string): void;
  /**
   * Entries and call results whose words match, the best first, at most `limit`. `query` is what a person types: every
   * word has to occur (of the first 64 in 1,000 characters), quotes and operators mean nothing. An empty one finds nothing. Of a result the
   * first 4,000 characters are searched, of an entry the first 100,000; reasons why a call did not run are not.
   */
  search(query: string, scope: SearchScope): readonly SearchHit[];
}

export interface SearchScope {
  readonly projectRoot: string;
  /** Null: every session of the project. A fork is searched with what it inherited on its path. */
  readonly sessionId: string | null;
  readonly limit: number;
}

export interface SearchHit {
  readonly sessionId: string;
  readonly entryId: string;
  /** Null when it is the entry's own text; otherwise the call whose result it is. */
  readonly callId: string | null;
  /** At most 300 characters around the first match. */
  readonly excerpt: string;
}
