import type { EngineEvent } from "../events/engine-event.ts";
import type { FinishReason, LlmFailureCode } from "../ports/llm-provider.ts";

/** What a `usage` event may tell of its request beside tokens and cost. Absent: not told. */
export interface RequestFacts {
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
  /** From 1 for each request. */
  readonly attempt?: number | undefined;
  readonly finishReason?: FinishReason | null | undefined;
  readonly failureCode?: LlmFailureCode | null | undefined;
  readonly durationMs?: number | undefined;
}

export type UsageEvent = Extract<EngineEvent, { readonly type: "usage" }> & RequestFacts;

/** What a `tool-call-end` may tell beside its outcome. */
export type ToolCallEnd = Extract<EngineEvent, { readonly type: "tool-call-end" }> & {
  /** Of a command; null when a signal ended it. */
  readonly exitCode?: number | null | undefined;
};
