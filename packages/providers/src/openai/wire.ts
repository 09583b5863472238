import { z } from "zod";

/**
 * What an OpenAI-compatible server sends: only the fields that are read, all of them optional.
 * `.catch(null)` drops a field of an unexpected shape instead of the whole chunk.
 */
const text = z.string().nullish().catch(null);
const count = z.number().int().nonnegative().nullish().catch(null);

const toolCallDelta = z.object({
  index: z.number().int().nonnegative().nullish().catch(null),
  id: text,
  function: z
    .object({
      name: text,
      /** A string in the standard; some servers send the object itself. */
      arguments: z
        .union([z.string(), z.record(z.string(), z.unknown())])
        .nullish()
        .catch(null),
    })
    .nullish(),
});

const delta = z.object({
  content: text,
  refusal: text,
  /** DeepSeek, vLLM, LM Studio. */
  reasoning_content: text,
  /** Ollama, OpenRouter, later vLLM. */
  reasoning: text,
  tool_calls: z.array(toolCallDelta).nullish().catch(null),
});

const choice = z.object({
  index: z.number().nullish().catch(null),
  delta: delta.nullish(),
  /** In place of `delta` where a server does not stream. */
  message: delta.nullish(),
  finish_reason: text,
});

const usage = z.object({
  prompt_tokens: count,
  completion_tokens: count,
  prompt_tokens_details: z.object({ cached_tokens: count }).nullish().catch(null),
  completion_tokens_details: z.object({ reasoning_tokens: count }).nullish().catch(null),
  /** DeepSeek's name for cached tokens. */
  prompt_cache_hit_tokens: count,
});

/** The body of an error answer or event; `code` is a word or, at some gateways, an HTTP status. */
export const errorDetail = z.union([
  z.string(),
  z.object({
    message: text,
    type: text,
    code: z.union([z.string(), z.number()]).nullish().catch(null),
  }),
]);
export type ErrorDetail = z.infer<typeof errorDetail>;

export const chunk = z.object({
  choices: z.array(choice).nullish(),
  usage: usage.nullish().catch(null),
  error: errorDetail.nullish().catch("unreadable error"),
});
export type Delta = z.infer<typeof delta>;
export type Chunk = z.infer<typeof chunk>;
export type ToolCallDelta = z.infer<typeof toolCallDelta>;
export type WireUsage = z.infer<typeof usage>;
