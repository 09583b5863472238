import type { Attributes } from "@opentelemetry/api";
import type { EngineEvent } from "../events/engine-event.ts";
import type { FinishReason, TokenUsage } from "../ports/llm-provider.ts";
import type { ToolCallEnd, UsageEvent } from "./request-facts.ts";

/** Which model is meant, in OpenTelemetry's words. */
export function modelAttributes({
  provider,
  model,
}: {
  readonly provider: string;
  readonly model: string;
}): Attributes {
  return { "gen_ai.provider.name": providerNames.get(provider) ?? provider, "gen_ai.request.model": model };
}

/** Tokens as the conventions count them: cached ones are part of the input, thinking of the output. None reported: none named. */
export function tokenAttributes(usage: TokenUsage): Attributes {
  if (usage.inputTokens === 0 && usage.outputTokens === 0) return {};
  return {
    "gen_ai.usage.input_tokens": usage.inputTokens,
    "gen_ai.usage.output_tokens": usage.outputTokens,
    "gen_ai.usage.cache_read.input_tokens": usage.cacheReadTokens,
    ...(usage.cacheWriteTokens !== undefined && {
      "gen_ai.usage.cache_creation.input_tokens": usage.cacheWriteTokens,
    }),
    "gen_ai.usage.reasoning.output_tokens": usage.thinkingTokens,
  };
}

export function requestAttributes(event: UsageEvent): Attributes {
  return {
    ...tokenAttributes(event),
    "koda.request.label": event.label,
    ...(event.attempt !== undefined && { "koda.request.attempt": event.attempt }),
    ...(event.costMicros !== null && { "koda.request.cost_micros": event.costMicros }),
    ...(event.finishReason != null && { "gen_ai.response.finish_reasons": [finishReasons[event.finishReason]] }),
    ...(event.failureCode != null && { "error.type": event.failureCode }),
  };
}

export function toolStartAttributes(event: Extract<EngineEvent, { readonly type: "tool-call-start" }>): Attributes {
  return {
    "gen_ai.operation.name": "execute_tool",
    "gen_ai.tool.name": event.name,
    "gen_ai.tool.type": "function",
    "gen_ai.tool.call.id": event.callId,
    "koda.tool.effect": event.effect,
  };
}

/** `run`: nobody had to be asked. */
export type ToolVerdict = "run" | "ask" | "block";

export function toolEndAttributes(event: ToolCallEnd, verdict: ToolVerdict): Attributes {
  return {
    "koda.tool.verdict": event.outcome === "blocked" ? "block" : verdict,
    "koda.tool.outcome": event.outcome,
    "koda.tool.run_ms": event.durationMs,
    "koda.tool.changed_files": event.changes.length,
    ...(event.exitCode != null && { "koda.tool.exit_code": event.exitCode }),
    ...(event.outcome === "error" && { "error.type": "tool_error" }),
  };
}

export function turnEndAttributes({
  outcome,
  timing,
}: Extract<EngineEvent, { readonly type: "turn-end" }>): Attributes {
  return {
    "koda.turn.outcome": outcome.kind,
    ...(outcome.kind === "limit" && { "koda.turn.limit": outcome.limit }),
    ...(outcome.kind === "error" && { "error.type": outcome.code }),
    "koda.turn.model_ms": timing.modelMs,
    "koda.turn.tool_ms": timing.toolMs,
    "koda.turn.wait_ms": timing.waitMs,
    "koda.turn.own_ms": timing.ownMs,
  };
}

/** One message of text as an attribute that holds messages. */
export function messageAttribute(role: "user" | "assistant", content: string): string {
  return JSON.stringify([{ role, parts: [{ type: "text", content }] }]);
}

/** The services that the conventions name otherwise than we do. */
const providerNames: ReadonlyMap<string, string> = new Map([
  ["google", "gcp.gemini"],
  ["gemini", "gcp.gemini"],
  ["vertex", "gcp.vertex_ai"],
  ["azure", "azure.ai.openai"],
  ["bedrock", "aws.bedrock"],
  ["mistral", "mistral_ai"],
  ["moonshot", "moonshot_ai"],
  ["xai", "x_ai"],
]);

const finishReasons: Readonly<Record<FinishReason, string>> = {
  stop: "stop",
  "tool-calls": "tool_call",
  length: "length",
  "content-filter": "content_filter",
  other: "other",
};
