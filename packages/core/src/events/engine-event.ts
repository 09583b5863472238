import type { TokenUsage } from "../ports/llm-provider.ts";
import type { Enforcement } from "../ports/runner.ts";
import type { FileChange, ToolEffect } from "../tools/tool.ts";
import type { TrustMode } from "../trust/trust-mode.ts";

/** Grows when a tag or field changes its meaning; new tags and fields do not count. */
export const engineEventVersion = 1;

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
    }
  | { readonly type: "turn-start"; readonly turnId: string; readonly prompt: string }
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
    }
  | ConnectionRecord
  | ({ readonly type: "usage" } & TokenUsage)
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

/** `blocked`: a rule or mode forbade it. `rejected`: a person, or nobody, said no. */
export type ToolCallOutcome = "ok" | "error" | "blocked" | "rejected" | "cancelled";

export type TurnOutcome =
  | { readonly kind: "complete"; readonly text: string }
  | { readonly kind: "cancelled" }
  /** A budget ended it: steps, repeated calls. */
  | { readonly kind: "limit"; readonly limit: "max-turns" | "loop-cap" | "repeated-calls"; readonly message: string }
  | { readonly kind: "error"; readonly code: string; readonly message: string };

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

/** One connection through a proxy or an opened port of this session, told when it is refused or has ended. */
export interface ConnectionRecord {
  readonly type: "connection";
  /** Null when the client showed no credentials of a call. */
  readonly callId: string | null;
  /** `host-port`: of a command to this machine. `publish`: from this machine to the sandbox, by the call whose command serves the port. */
  readonly protocol: "http-connect" | "http" | "socks5" | "host-port" | "publish";
  readonly host: string;
  readonly port: number;
  /** The address dialled; null when none was. */
  readonly address: string | null;
  readonly verdict: "allowed" | "refused" | "failed";
  /** The pattern that allowed or denied it; null when no rule covers the host. */
  readonly rule: string | null;
  /** One plain sentence: why it was refused or failed, or how it ended. */
  readonly reason: string;
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly durationMs: number;
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
  | "project_is_home";
