import { z } from "zod";
import { llmFailureCode } from "../ports/llm-failure-code.ts";
import type { FinishReason, LlmFailureCode } from "../ports/llm-provider.ts";
import type { Enforcement } from "../ports/runner.ts";
import type { TaskItem } from "../store/task-store.ts";
import type { ToolCallOutcome, ToolOrigin } from "../store/tool-call-record.ts";
import type { TurnOutcome } from "../store/turn-outcome.ts";
import type { FileChange } from "../tools/file-change.ts";
import type { ToolEffect } from "../tools/tool-effect.ts";
import type { TrustMode } from "../trust/trust-mode.ts";
import type { LaneName, TurnTiming, WarningCode } from "./engine-event.ts";
import type { SameShape } from "./same-shape.ts";

// What several events and commands are made of. Each schema is checked against its type in both directions: one of the
// lines below stops compiling when either gets a value or a field that the other lacks.

const mode = z.enum(["plan", "safe", "auto"]);
const enforcement = z.enum(["kernel", "env-only", "none"]);
const effect = z.enum(["read-only", "local-mutation", "remote-action", "destructive"]);
const origin = z.enum(["koda", "workspace", "command", "external"]);
const callOutcome = z.enum(["ok", "error", "blocked", "rejected", "cancelled"]);
const lane = z.enum(["control", "query", "execute", "generate"]);

const finish = z.enum(["stop", "tool-calls", "length", "content-filter", "other"]);

const warning = z.enum([
  "http_proxy_unavailable",
  "socks5_proxy_unavailable",
  "sandbox_unavailable",
  "limit_unavailable",
  "planted_by_killed_session",
  "port_unavailable",
  "mcp_server_failed",
  "persistence_failed",
  "output_truncated",
  "compaction_failed",
  "budget_blind",
  "context_provider_failed",
  "memory_unavailable",
  "subscriber_failed",
  "project_is_home",
]);

const change = z.object({
  path: z.string(),
  kind: z.enum(["created", "changed", "deleted"]),
  addedLines: z.number(),
  removedLines: z.number(),
});

const task = z.object({
  id: z.string(),
  text: z.string(),
  status: z.enum(["pending", "in-progress", "completed", "cancelled"]),
  priority: z.enum(["high", "medium", "low"]),
});

const outcome = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("complete"), text: z.string() }),
  z.object({ kind: z.literal("cancelled") }),
  z.object({ kind: z.literal("paused") }),
  z.object({
    kind: z.literal("limit"),
    limit: z.enum(["max-turns", "loop-cap", "repeated-calls", "max-cost", "timeout"]),
    message: z.string(),
  }),
  z.object({ kind: z.literal("error"), code: z.string(), message: z.string() }),
]);

const timing = z.object({
  totalMs: z.number(),
  modelMs: z.number(),
  toolMs: z.number(),
  waitMs: z.number(),
  ownMs: z.number(),
});

true satisfies SameShape<z.output<typeof mode>, TrustMode>;
true satisfies SameShape<z.output<typeof enforcement>, Enforcement>;
true satisfies SameShape<z.output<typeof effect>, ToolEffect>;
true satisfies SameShape<z.output<typeof origin>, ToolOrigin>;
true satisfies SameShape<z.output<typeof callOutcome>, ToolCallOutcome>;
true satisfies SameShape<z.output<typeof lane>, LaneName>;
true satisfies SameShape<z.output<typeof finish>, FinishReason>;
true satisfies SameShape<z.output<typeof warning>, WarningCode>;
true satisfies SameShape<z.output<typeof change>, FileChange>;
true satisfies SameShape<z.output<typeof task>, TaskItem>;
true satisfies SameShape<z.output<typeof outcome>, TurnOutcome>;
true satisfies SameShape<z.output<typeof timing>, TurnTiming>;

export const trustModeSchema: z.ZodType<TrustMode> = mode;
export const enforcementSchema: z.ZodType<Enforcement> = enforcement;
export const toolEffectSchema: z.ZodType<ToolEffect> = effect;
export const toolOriginSchema: z.ZodType<ToolOrigin> = origin;
export const callOutcomeSchema: z.ZodType<ToolCallOutcome> = callOutcome;
export const laneSchema: z.ZodType<LaneName> = lane;
export const finishReasonSchema: z.ZodType<FinishReason> = finish;
export const failureCodeSchema: z.ZodType<LlmFailureCode> = llmFailureCode;
export const warningCodeSchema: z.ZodType<WarningCode> = warning;
export const fileChangeSchema: z.ZodType<FileChange> = change;
export const taskItemSchema: z.ZodType<TaskItem> = task;
export const turnOutcomeSchema: z.ZodType<TurnOutcome> = outcome;
export const turnTimingSchema: z.ZodType<TurnTiming> = timing;

/** Any value that JSON can hold, as it is. */
export const jsonSchema: z.ZodType<unknown> = z.unknown().refine(isJson, "expected a value that JSON can hold");

function isJson(value: unknown): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value);
    case "object":
      return value === null || Object.values(value).every(isJson);
    default:
      return false;
  }
}
