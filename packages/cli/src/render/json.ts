import type {
  ConnectionRecord,
  Enforcement,
  EngineEvent,
  FileChange,
  TokenUsage,
  ToolCallOutcome,
  TrustMode,
  TurnTiming,
} from "@koda/core";
import type { SessionWarning } from "../compose/session-warning.ts";
import { type ExitCode, exitCode, toExitCode } from "../exit-code.ts";

/** What `--output-format json` prints: one object. `stream-json` ends with the same. Fields are only ever added. */
export interface RunReport {
  readonly type: "result";
  readonly version: 1;
  readonly success: boolean;
  readonly exitCode: ExitCode;
  /** The last answer of the model; empty when it gave none. It is there also when it could not be saved. */
  readonly response: string;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly sessionId: string | null;
  readonly provider: string | null;
  readonly model: string | null;
  readonly mode: TrustMode | null;
  readonly enforcement: Enforcement | null;
  /** Requests to the model. */
  readonly steps: number;
  readonly toolCalls: readonly {
    readonly callId: string;
    readonly name: string;
    readonly subject: string;
    readonly outcome: ToolCallOutcome | null;
    readonly durationMs: number;
  }[];
  /** Calls that were not run since nobody could be asked. */
  readonly rejectedCalls: number;
  readonly changes: readonly FileChange[];
  readonly connections: readonly Omit<ConnectionRecord, "type">[];
  readonly usage: {
    readonly inputTokens: number;
    readonly outputTokens: number;
    readonly cacheReadTokens: number;
    /** Part of the input, as far as the provider tells. */
    readonly cacheWriteTokens: number;
    readonly thinkingTokens: number;
  };
  /** Millionths of a dollar; null when a request has no known price, which is not the same as nothing. */
  readonly costMicros: number | null;
  readonly timing: TurnTiming | null;
  readonly warnings: readonly SessionWarning[];
}

/** The report of headless turns, from their events alone: how the last ended, what all did. */
export function toRunReport(events: readonly EngineEvent[], warnings: readonly SessionWarning[]): RunReport {
  const start = events.find((event) => event.type === "session-start");
  const end = events.findLast((event) => event.type === "turn-end");
  const ends = new Map(events.filter((event) => event.type === "tool-call-end").map((event) => [event.callId, event]));
  const starts = events.filter((event) => event.type === "tool-call-start");
  const usages = events.filter((event) => event.type === "usage");
  const sum = (field: keyof TokenUsage): number => usages.reduce((total, usage) => total + (usage[field] ?? 0), 0);
  const heard = events.filter((event) => event.type === "warning").map(({ code, message }) => ({ code, message }));
  const lost = heard.find(({ code }) => code === "persistence_failed") ?? null;
  const rejectedCalls = [...ends.values()].filter((call) => call.outcome === "rejected").length;
  const outcome = end?.outcome ?? { kind: "error", code: "unfinished", message: "the turn did not end" };
  const error = errorOf(outcome, rejectedCalls) ?? (lost && { code: lost.code, message: lost.message });
  const status = error?.code === "persistence_failed" ? exitCode.error : statusOf(outcome, rejectedCalls);
  return {
    type: "result",
    version: 1,
    success: status === exitCode.done,
    exitCode: status,
    response: outcome.kind === "complete" ? outcome.text : "",
    error,
    sessionId: start?.sessionId ?? null,
    provider: start?.provider ?? null,
    model: start?.model ?? null,
    mode: start?.mode ?? null,
    enforcement: start?.enforcement ?? null,
    steps: events.filter((event) => event.type === "step-start").length,
    toolCalls: starts.map(({ callId, name, subject }) => ({
      callId,
      name,
      subject,
      outcome: ends.get(callId)?.outcome ?? null,
      durationMs: ends.get(callId)?.durationMs ?? 0,
    })),
    rejectedCalls,
    changes: [...ends.values()].flatMap((call) => call.changes),
    connections: events.filter((event) => event.type === "connection").map(({ type: _, ...connection }) => connection),
    usage: {
      inputTokens: sum("inputTokens"),
      outputTokens: sum("outputTokens"),
      cacheReadTokens: sum("cacheReadTokens"),
      cacheWriteTokens: sum("cacheWriteTokens"),
      thinkingTokens: sum("thinkingTokens"),
    },
    costMicros: sumCost(usages),
    timing: end?.timing ?? null,
    warnings: [...warnings, ...heard],
  };
}

/** A request that failed before it used anything has no cost, and is no reason not to know that of the others. */
function sumCost(usages: readonly Extract<EngineEvent, { type: "usage" }>[]): number | null {
  const used = usages.filter(
    ({ costMicros, inputTokens, outputTokens }) => costMicros !== null || inputTokens + outputTokens > 0,
  );
  if (used.length === 0) return null;
  return used.reduce<number | null>(
    (total, { costMicros }) => (total === null || costMicros === null ? null : total + costMicros),
    0,
  );
}

type Outcome = Extract<EngineEvent, { type: "turn-end" }>["outcome"];

function statusOf(outcome: Outcome, rejectedCalls: number): ExitCode {
  switch (outcome.kind) {
    case "complete":
      // Something that was asked for did not happen, as nobody could allow it: a script must not take that for success.
      return rejectedCalls > 0 ? exitCode.blockedByPolicy : exitCode.done;
    case "cancelled":
      return exitCode.cancelled;
    case "paused":
      return exitCode.limitReached;
    case "limit":
      return exitCode.limitReached;
    case "error":
      return toExitCode(outcome.code);
    default:
      return outcome satisfies never;
  }
}

function errorOf(outcome: Outcome, rejectedCalls: number): RunReport["error"] {
  switch (outcome.kind) {
    case "complete":
      if (rejectedCalls === 0) return null;
      return { code: "approval_needed", message: `${rejectedCalls} call(s) needed an answer that nobody could give` };
    case "cancelled":
      return { code: "cancelled", message: "the turn was stopped" };
    case "paused":
      return { code: "paused", message: "the session was paused; koda resume goes on with it" };
    case "limit":
      return { code: outcome.limit, message: outcome.message };
    case "error":
      return { code: outcome.code, message: outcome.message };
    default:
      return outcome satisfies never;
  }
}
