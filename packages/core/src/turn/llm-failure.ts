import { z } from "zod";
import { llmFailureCode } from "../ports/llm-failure-code.ts";
import type { LlmFailure } from "../ports/llm-provider.ts";

/** Reads what a provider threw. An error of a shape that the port does not know is a `bad_response`. */
export function toLlmFailure(error: unknown): LlmFailure {
  const known = llmFailure.safeParse(error);
  if (known.success) return known.data;
  return { code: "bad_response", message: error instanceof Error ? error.message : String(error) };
}

const llmFailure: z.ZodType<LlmFailure> = z.object({
  code: llmFailureCode,
  message: z.string(),
  retryAfterMs: z.number().nonnegative().optional(),
});
