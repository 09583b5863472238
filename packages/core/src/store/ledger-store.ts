import type { LlmFailureCode, TokenUsage } from "../ports/llm-provider.ts";
import type { SessionWriter } from "./session-record.ts";

/** One request to a model, whatever came of it. */
export interface UsageRecord extends TokenUsage {
  readonly turnId: string;
  /** What it was for: `turn`, `compaction`, `title`, or an embedder's own word. */
  readonly label: string;
  readonly providerId: string;
  readonly model: string;
  /** From 1 in its turn; 0 outside of steps. */
  readonly step: number;
  /** From 1 for each request. */
  readonly attempt: number;
  readonly outcome: "finished" | "failed" | "aborted";
  /** Null unless failed. No text of the server is kept. */
  readonly failureCode: LlmFailureCode | null;
  /** What the server asked to wait; null when it did not. */
  readonly retryAfterMs: number | null;
  /** Millionths of a dollar; null where the price is not known, which is not the same as nothing. */
  readonly costMicros: number | null;
  readonly durationMs: number;
  readonly createdAtMs: number;
}

export interface UsageTotals extends TokenUsage {
  /** Null when no request had a known price. */
  readonly costMicros: number | null;
  /** Requests that reported tokens and whose price is not known. */
  readonly unpricedRequests: number;
  readonly requests: number;
}

export interface UsageGroup extends UsageTotals {
  /** The model, or the UTC day as `YYYY-MM-DD`. */
  readonly key: string;
}

export interface UsageFilter {
  /** Its children and theirs count too. Null: every session. */
  readonly sessionId: string | null;
  readonly model?: string | undefined;
  /** Inclusive. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

/**
 * One tool over a session, by its finished calls. Refused ones (blocked, rejected) are counted apart and have no
 * duration.
 */
export interface ToolMetrics {
  readonly name: string;
  readonly calls: number;
  readonly ok: number;
  readonly failed: number;
  readonly refused: number;
  readonly totalMs: number;
  readonly minMs: number | null;
  readonly maxMs: number | null;
  readonly lastAtMs: number;
}

export type AuditSeverity = "info" | "warning" | "critical";

/** Something that matters to whoever has to answer for a session. Never holds a secret. */
export interface AuditRecord {
  readonly kind: string;
  readonly severity: AuditSeverity;
  /** What was done about it: `redacted`, `blocked`, `asked`, `noted`. */
  readonly action: string;
  readonly text: string;
  readonly createdAtMs: number;
}

/** What a session has cost and done, and what was remarkable about it. */
export interface LedgerStore {
  recordUsage(writer: SessionWriter, usage: UsageRecord): void;
  /** The sum over all requests of one session, without its children. */
  readUsage(sessionId: string): UsageTotals;
  /** In the order they were made. */
  listUsage(sessionId: string): readonly UsageRecord[];
  /** By model: the dearest first. By day: ascending. */
  sumUsage(by: "model" | "day", filter: UsageFilter): readonly UsageGroup[];
  /** From the journal of calls, by name. */
  readToolMetrics(sessionId: string): readonly ToolMetrics[];
  /** At most 10,000 of a session are kept: the oldest go. */
  recordAudit(writer: SessionWriter, record: AuditRecord): void;
  /** In the order they were recorded. */
  listAudit(sessionId: string): readonly AuditRecord[];
}
