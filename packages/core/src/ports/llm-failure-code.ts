import { z } from "zod";
import type { LlmFailureCode } from "./llm-provider.ts";

/** The codes as bytes from elsewhere have to give them: of a provider, a store, an event, an imported file. */
export const llmFailureCode: z.ZodType<LlmFailureCode> = z.enum([
  "unconfigured",
  "auth",
  "bad_request",
  "context_overflow",
  "rate_limited",
  "server",
  "network",
  "stream_cut",
  "bad_response",
] satisfies readonly LlmFailureCode[]);
