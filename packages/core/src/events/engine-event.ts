import type { FinishReason, LlmFailureCode, TokenUsage } from "../ports/llm-provider.ts";
import type { Enforcement } from "../ports/runner.ts";
import type { ConnectionRecord } from "../store/connection-record.ts";
import type { AuditSeverity } from "../store/ledger-store.ts";
import type { SessionRecord, SessionState } from "../store/session-record.ts";
import type { TaskItem } from "../store/task-store.ts";
import type { ToolCallOutcome, ToolOrigin } from "../store/tool-call-record.ts";
import type { TurnOutcome } from "../store/turn-outcome.ts";
import type { FileChange } from "../tools/file-change.ts";
import type { ToolEffect } from "../tools/tool-effect.ts";
import type { TrustMode } from "../trust/trust-mode.ts";

/** Grows when a tag or field changes its meaning; new tags and fields do not count. */
export const engineEventVersion = 2;

/**
 * Everything a session says, in order. JSON-serialisable.
 * A turn is `turn-start … turn-end`; a step `step-start … step-end`; a call `tool-call-start … tool-call-end`.
 */
export type EngineEvent =
  | {
      readonly type: "session-start";
      readonly sessionId: string;
      readonly provider: string;
      readonly model: string;
      readonly mode: TrustMode;
      readonly enforcement: Enforcement;
      readonly projectRoot: string;
      readonly isResumed: boolean;
      /** {@link engineEventVersion} of whoever says this. */
      readonly version: number;
    }
  | {
      readonly type: "turn-start";
      readonly turnId: string;
      /** From 1 in its session. */
      readonly turnNumber: number;
      readonly prompt: string;
      /** True when a turn that an earlier process left unfinished goes on. */
      readonly isContinued: boolean;
    }
  /** An input of that id has become an entry, before the next request to the model. */
  | { readonly type: "input-accepted"; readonly inputId: string; readonly text: string }
  | { readonly type: "step-start"; readonly step: number }
  | { readonly type: "text-delta"; readonly text: string }
  | { readonly type: "thinking-delta"; readonly text: string }
  /** The text of this step so far is void: the attempt that wrote it failed and is made again. */
  | { readonly type: "text-retract" }
  | { readonly type: "retry"; readonly attempt: number; readonly waitMs: number; readonly reason: string }
  | {
      readonly type: "tool-call-start";
      readonly callId: string;
      readonly name: string;
      readonly input: unknown;
      /** One line for a screen: the command, the path. */
      readonly subject: string;
      readonly effect: ToolEffect;
    }
  | { readonly type: "tool-output"; readonly callId: string; readonly text: string }
  | ApprovalRequest
  | { readonly type: "approval-end"; readonly requestId: string; readonly outcome: "approved" | "rejected" }
  | {
      readonly type: "tool-call-end";
      readonly callId: string;
      readonly outcome: ToolCallOutcome;
      readonly text: string;
      readonly changes: readonly FileChange[];
      readonly durationMs: number;
      readonly origin: ToolOrigin;
      /** Of a command that ran; null when a signal ended it. */
      readonly exitCode?: number | null | undefined;
    }
  /** A call that whoever embeds Koda is to run, and to end with `complete-task`. */
  | {
      readonly type: "external-task";
      readonly taskId: string;
      readonly callId: string;
      readonly lane: LaneName;
      readonly name: string;
      readonly input: unknown;
      readonly deadlineMs: number;
    }
  | {
      readonly type: "external-task-end";
      readonly taskId: string;
      readonly outcome: "completed" | "failed" | "timed-out" | "cancelled";
    }
  /** A call that failed for good, after all its attempts. */
  | {
      readonly type: "dead-letter";
      readonly callId: string;
      readonly name: string;
      readonly attempts: number;
      readonly error: string;
    }
  | ConnectionRecord
  /** One request to a model has ended, whatever came of it: what it used, zeros where the model did not tell. */
  | ({
      readonly type: "usage";
      readonly label: string;
      readonly provider: string;
      readonly model: string;
      /** From 1 for each request. */
      readonly attempt: number;
      readonly finishReason: FinishReason | null;
      readonly failureCode: LlmFailureCode | null;
      readonly durationMs: number;
      readonly costMicros: number | null;
    } & TokenUsage)
  /** How full the model's context is. `isEstimated`: the model has not counted it yet. */
  | {
      readonly type: "context-usage";
      readonly usedTokens: number;
      readonly maxTokens: number;
      readonly isEstimated: boolean;
    }
  /** The model is shown less from now on; the record is whole. */
  | {
      readonly type: "context-shrunk";
      readonly step: "blanked" | "summarised";
      readonly beforeTokens: number;
      readonly afterTokens: number;
      readonly beforeMessages: number;
      readonly afterMessages: number;
    }
  | { readonly type: "tasks-updated"; readonly sessionId: string; readonly tasks: readonly TaskItem[] }
  | {
      readonly type: "plan";
      readonly goal: string;
      readonly steps: readonly { readonly id: string; readonly text: string }[];
    }
  | { readonly type: "plan-step-start"; readonly stepId: string; readonly number: number; readonly total: number }
  | {
      readonly type: "plan-step-end";
      readonly stepId: string;
      readonly outcome: "done" | "failed" | "skipped";
      readonly number: number;
      readonly total: number;
    }
  /** `progress` is 0 to 1. */
  | {
      readonly type: "goal-progress";
      readonly goal: string;
      readonly progress: number;
      readonly unmet: readonly string[];
    }
  | { readonly type: "goal-achieved"; readonly goal: string; readonly durationMs: number }
  | {
      readonly type: "hook";
      readonly name: string;
      readonly event: string;
      readonly outcome: "blocked" | "changed" | "failed" | "timed-out";
      readonly message: string;
    }
  | {
      readonly type: "audit";
      readonly kind: string;
      readonly severity: AuditSeverity;
      readonly action: string;
      readonly text: string;
    }
  | {
      readonly type: "context-providers";
      readonly items: number;
      readonly tokens: number;
      readonly skipped: readonly string[];
    }
  | { readonly type: "state-changed"; readonly state: SessionState; readonly reason: SessionRecord["stateReason"] }
  /** This subscriber was too slow, or came back too late: so many events are missing here. */
  | { readonly type: "gap"; readonly missed: number }
  | { readonly type: "step-end"; readonly step: number }
  | { readonly type: "loop-cap-reached"; readonly requestId: string; readonly steps: number }
  | { readonly type: "mode-changed"; readonly mode: TrustMode }
  | { readonly type: "model-changed"; readonly provider: string; readonly model: string }
  | { readonly type: "warning"; readonly code: WarningCode; readonly message: string }
  | { readonly type: "turn-end"; readonly turnId: string; readonly outcome: TurnOutcome; readonly timing: TurnTiming };

/** Where the time of a turn went; `ownMs` is what is left for Koda itself. */
export interface TurnTiming {
  readonly totalMs: number;
  readonly modelMs: number;
  readonly toolMs: number;
  /** Waiting for a person's answer, or between retries. */
  readonly waitMs: number;
  readonly ownMs: number;
}

/** Lanes by priority: a call of an earlier one starts first. */
export type LaneName = "control" | "query" | "execute" | "generate";

export interface ApprovalRequest {
  readonly type: "approval-request";
  readonly requestId: string;
  readonly callId: string;
  readonly name: string;
  readonly subject: string;
  readonly effect: ToolEffect;
  /** The rule or table row that makes this a question. */
  readonly reason: string;
  /** The permission rule that "always" would remember; null where no rule may widen this. */
  readonly alwaysRule: string | null;
}

export type WarningCode =
  | "http_proxy_unavailable"
  | "socks5_proxy_unavailable"
  | "sandbox_unavailable"
  | "limit_unavailable"
  | "planted_by_killed_session"
  | "port_unavailable"
  | "mcp_server_failed"
  | "persistence_failed"
  | "output_truncated"
  | "compaction_failed"
  | "budget_blind"
  | "context_provider_failed"
  | "memory_unavailable"
  | "subscriber_failed"
  | "project_is_home";
