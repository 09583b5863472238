/**
 * A model behind one streaming call. The same shape as the port of `@koda/core`, offered from this side.
 */
export interface LlmProvider {
  /** Names the service, not the model: `openai`, `ollama`. */
  readonly id: string;
  readonly model: string;
  /** Tokens that a request and its answer may have together. Absent: not known. */
  readonly contextWindow?: number | undefined;
  /** What tokens of this model cost. Absent: not known, and never guessed. */
  readonly price?: ModelPrice | undefined;
  /** False where the model refuses a request that says how much to think. Absent: not known, it is asked. */
  readonly canThink?: boolean | undefined;
  /**
   * Streams one answer. Leaving the loop early, or aborting, stops the request.
   *
   * @throws {ProviderError} with a {@link LlmFailureCode}; `signal.reason` when aborted.
   */
  stream(request: ModelRequest, options: { readonly signal: AbortSignal }): AsyncIterable<StreamPart>;
}

/** Dollars for a million tokens. Without its own price, what is read from or written to the cache costs as much as other input. */
export interface ModelPrice {
  readonly input: number;
  readonly output: number;
  readonly cacheRead?: number | undefined;
  readonly cacheWrite?: number | undefined;
}

export interface ModelRequest {
  readonly system: string;
  readonly messages: readonly ModelMessage[];
  readonly tools: readonly ToolDefinition[];
  /** How much the model thinks before it answers. Absent: as it does by itself. */
  readonly thinking?: ThinkingEffort | undefined;
}

export type ThinkingEffort = "low" | "medium" | "high";

export type ModelMessage =
  | { readonly role: "user"; readonly text: string }
  | { readonly role: "assistant"; readonly text: string; readonly toolCalls: readonly ModelToolCall[] }
  | { readonly role: "tool"; readonly callId: string; readonly text: string; readonly isError: boolean };

/** `argumentsJson` is what the model wrote, unparsed. */
export interface ModelToolCall {
  readonly callId: string;
  readonly name: string;
  readonly argumentsJson: string;
}

/** `inputSchema` is JSON Schema (draft 2020-12), as every vendor takes it. */
export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
}

export type StreamPart =
  | { readonly type: "text-delta"; readonly text: string }
  | { readonly type: "thinking-delta"; readonly text: string }
  /** A call whose arguments are still arriving; the same call follows whole as `tool-call`. */
  | { readonly type: "tool-call-start"; readonly callId: string; readonly name: string }
  | ({ readonly type: "tool-call" } & ModelToolCall)
  | ({ readonly type: "usage" } & TokenUsage)
  /** Always the last part of an answer that was not cut. */
  | { readonly type: "finish"; readonly reason: FinishReason };

export type FinishReason = "stop" | "tool-calls" | "length" | "content-filter" | "other";

/** Tokens as the provider reports them; `inputTokens` includes those read from its cache. */
export interface TokenUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  /** Written to its cache; part of `inputTokens`. Absent where the provider does not tell. */
  readonly cacheWriteTokens?: number | undefined;
  readonly thinkingTokens: number;
}

/**
 * Why a request failed, in words that any adapter can say.
 * `network`, `server`, `rate_limited` and `stream_cut` are worth another attempt; the rest are not.
 */
export type LlmFailureCode =
  | "unconfigured"
  | "auth"
  | "bad_request"
  | "context_overflow"
  | "rate_limited"
  | "server"
  | "network"
  | "stream_cut"
  | "bad_response";
