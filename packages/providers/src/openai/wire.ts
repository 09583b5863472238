import { z } from "zod";

/** What an OpenAI-compatible server sends: only the fields that are read, all of them optional. */
export interface Chunk {
  readonly choices?: readonly Choice[] | null | undefined;
  readonly usage?: WireUsage | null | undefined;
  readonly error?: ErrorDetail | null | undefined;
}

export interface Choice {
  readonly index?: number | null | undefined;
  readonly delta?: Delta | null | undefined;
  /** In place of `delta` where a server does not stream. */
  readonly message?: Delta | null | undefined;
  readonly finish_reason?: string | null | undefined;
}

export interface Delta {
  readonly content?: string | null | undefined;
  readonly refusal?: string | null | undefined;
  /** DeepSeek, vLLM, LM Studio. */
  readonly reasoning_content?: string | null | undefined;
  /** Ollama, OpenRouter, later vLLM. */
  readonly reasoning?: string | null | undefined;
  readonly tool_calls?: readonly ToolCallDelta[] | null | undefined;
}

export interface ToolCallDelta {
  readonly index?: number | null | undefined;
  readonly id?: string | null | undefined;
  readonly function?: ToolCallFunction | null | undefined;
}

export interface ToolCallFunction {
  readonly name?: string | null | undefined;
  /** A string in the standard; some servers send the object itself. */
  readonly arguments?: string | Readonly<Record<string, unknown>> | null | undefined;
}

export interface WireUsage {
  readonly prompt_tokens?: number | null | undefined;
  readonly completion_tokens?: number | null | undefined;
  readonly prompt_tokens_details?: { readonly cached_tokens?: number | null | undefined } | null | undefined;
  readonly completion_tokens_details?: { readonly reasoning_tokens?: number | null | undefined } | null | undefined;
  /** DeepSeek's name for cached tokens. */
  readonly prompt_cache_hit_tokens?: number | null | undefined;
}

/** The body of an error answer or event; `code` is a word or, at some gateways, an HTTP status. */
export type ErrorDetail =
  | string
  | {
      readonly message?: string | null | undefined;
      readonly type?: string | null | undefined;
      readonly code?: string | number | null | undefined;
    };

/** `.catch(null)` drops a field of an unexpected shape instead of the whole chunk. */
const text = z.string().nullish().catch(null);
const count = z.number().int().nonnegative().nullish().catch(null);

const toolCallDelta: z.ZodType<ToolCallDelta> = z.object({
  index: count,
  id: text,
  function: z
    .object({
      name: text,
      arguments: z
        .union([z.string(), z.record(z.string(), z.unknown())])
        .nullish()
        .catch(null),
    })
    .nullish(),
});

const delta: z.ZodType<Delta> = z.object({
  content: text,
  refusal: text,
  reasoning_content: text,
  reasoning: text,
  tool_calls: z.array(toolCallDelta).nullish().catch(null),
});

const usage: z.ZodType<WireUsage> = z.object({
  prompt_tokens: count,
  completion_tokens: count,
  prompt_tokens_details: z.object({ cached_tokens: count }).nullish().catch(null),
  completion_tokens_details: z.object({ reasoning_tokens: count }).nullish().catch(null),
  prompt_cache_hit_tokens: count,
});

export const errorDetail: z.ZodType<ErrorDetail> = z.union([
  z.string(),
  z.object({
    message: text,
    type: text,
    code: z.union([z.string(), z.number()]).nullish().catch(null),
  }),
]);

export const chunk: z.ZodType<Chunk> = z.object({
  choices: z
    .array(z.object({ index: count, delta: delta.nullish(), message: delta.nullish(), finish_reason: text }))
    .nullish(),
  usage: usage.nullish().catch(null),
  error: errorDetail.nullish().catch("unreadable error"),
});
