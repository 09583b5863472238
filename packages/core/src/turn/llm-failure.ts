import { z } from "zod";
import type { LlmFailure } from "../ports/llm-provider.ts";

/** Reads what a provider threw. An error of a shape that the port does not know is a `bad_response`. */
export function toLlmFailure(error: unknown): LlmFailure {
  const known = llmFailure.safeParse(error);
  if (known.success) return known.data;
  return { code: "bad_response", message: error instanceof Error ? error.message : String(error) };
}

const llmFailure: z.ZodType<LlmFailure> = z.object({
  code: z.enum([
    "unconfigured",
    "auth",
    "bad_request",
    "context_overflow",
    "rate_limited",
    "server",
    "network",
    "stream_cut",
    "bad_response",
  ]),
  message: z.string(),
  retryAfterMs: z.number().nonnegative().optional(),
});
