import type { ConnectionRecord } from "../events/engine-event.ts";
import type { TokenUsage } from "../ports/llm-provider.ts";
import type { Decision } from "../trust/decision.ts";
import type { Draft, Entry } from "./entry.ts";
import type { LeaseOwner, SessionChange, SessionRecord } from "./session-record.ts";
import type { ToolCallRecord, ToolCallResult } from "./tool-call-record.ts";

/**
 * Everything that outlives a process. Each method is one transaction: it happens whole or not at all, and is on
 * disk (or wherever the implementation keeps it) when it returns. Times are epoch milliseconds.
 *
 * Every method throws {@link CoreError} and changes nothing when it cannot do its work: `store_failed` when the medium
 * is not to be had, so that the same call may work later; `store_rejected` when what was given breaks a rule of the
 * store (an id used twice, a session or parent that is not there, a value out of range), so that it never will.
 */
export interface Store extends SessionStore, JournalStore, ProjectStore {
  /** Releases the file. Using the store afterwards throws; closing twice does not. */
  close(): void;
}

/** Which sessions there are, and who writes to them. */
export interface SessionStore {
  /** Throws `store_rejected` when the id exists. */
  createSession(record: SessionRecord): void;
  readSession(id: string): SessionRecord | null;
  changeSession(id: string, change: SessionChange, nowMs: number): void;
  /** Sessions of a project that have had a prompt, the latest first, at most 100. Null: of every project. */
  listSessions(projectRoot: string | null): readonly SessionRecord[];
  /** The first of {@link listSessions}. */
  latestSession(projectRoot: string): SessionRecord | null;
  /**
   * The session whose id starts with `prefix`.
   *
   * @throws {CoreError} `session_not_found` (also for an empty prefix), `session_ambiguous`.
   */
  findSession(prefix: string): SessionRecord;
  /**
   * Makes `owner` the only writer. Null when it is; otherwise the owner in the way, as judged by `isAlive`.
   * A lease whose owner is not alive is taken over.
   */
  acquireLease(sessionId: string, owner: LeaseOwner, isAlive: (owner: LeaseOwner) => boolean): LeaseOwner | null;
  /** Does nothing when `token` does not hold the lease. */
  releaseLease(sessionId: string, token: string): void;
}

/** What happened in a session. */
export interface JournalStore {
  /** An assistant entry also journals its calls as `requested`, and ends the draft. */
  appendEntry(entry: Entry): void;
  /** In the order they were appended. Empty for an unknown session. */
  readEntries(sessionId: string): readonly Entry[];
  /** Null forgets it. */
  writeDraft(sessionId: string, draft: Draft | null): void;
  readDraft(sessionId: string): Draft | null;
  decideCall(sessionId: string, callId: string, decision: Decision, nowMs: number): void;
  startCall(sessionId: string, callId: string, nowMs: number): void;
  /** The first result stands; a later one is ignored. */
  finishCall(sessionId: string, callId: string, result: ToolCallResult, nowMs: number): void;
  readCalls(sessionId: string): readonly ToolCallRecord[];
  recordUsage(sessionId: string, usage: UsageRecord): void;
  /** The sum over all calls. */
  readUsage(sessionId: string): TokenUsage;
  recordConnection(sessionId: string, record: ConnectionRecord, nowMs: number): void;
  /** In the order they were recorded. */
  listConnections(sessionId: string): readonly ConnectionRecord[];
  /** Absolute paths of the files that this session created and that still count as its own. */
  readOwnedFiles(sessionId: string): readonly string[];
  /** Replaces the whole set. */
  writeOwnedFiles(sessionId: string, paths: readonly string[]): void;
}

export interface UsageRecord extends TokenUsage {
  readonly turnId: string;
  readonly providerId: string;
  readonly model: string;
  readonly createdAtMs: number;
}

/** What users have settled, for a project or for all. */
export interface ProjectStore {
  listPermissionRules(projectRoot: string): readonly PermissionRuleRecord[];
  /** Adding a rule that is there already changes nothing. */
  addPermissionRule(projectRoot: string, rule: PermissionRuleRecord, nowMs: number): void;
  /** False when there was none. */
  removePermissionRule(projectRoot: string, rule: PermissionRuleRecord): boolean;
  listHostRules(projectRoot: string): readonly HostRuleRecord[];
  /** A pattern has one verdict per project: the last one given. */
  addHostRule(projectRoot: string, rule: HostRuleRecord, nowMs: number): void;
  removeHostRule(projectRoot: string, pattern: string): boolean;
  listMcpServers(): readonly McpServerRecord[];
  /** Replaces a server of the same name. */
  addMcpServer(server: McpServerRecord, nowMs: number): void;
  removeMcpServer(name: string): boolean;
  /** Null when never written. */
  readSetting(key: string): string | null;
  writeSetting(key: string, value: string): void;
}

/** `text` is in the grammar of `parsePermissionRule`; the store does not judge it. */
export interface PermissionRuleRecord {
  readonly verdict: "allow" | "ask" | "deny";
  readonly text: string;
}

export interface HostRuleRecord {
  /** `allow-private`: the host may also be on the user's own network or machine. */
  readonly verdict: "allow" | "allow-private" | "deny";
  readonly pattern: string;
}

/** How to start one MCP server. Values of `env` are kept as given: they are no place for secrets. */
export interface McpServerRecord {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}
