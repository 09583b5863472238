import type { LlmFailure, ModelRequest } from "../ports/llm-provider.ts";
import { boundText } from "../turn/bound-text.ts";
import { toLlmFailure } from "../turn/llm-failure.ts";
import { charsPerToken } from "./estimate-tokens.ts";
import type { SummaryPlan } from "./plan-summary.ts";
import { quoteText } from "./quote-text.ts";
import { toSummaryRequest } from "./summary-prompt.ts";

/** One request to the model, made to its end: without tools, and not part of the conversation. */
export type Complete = (request: ModelRequest) => Promise<Completion>;

export type Completion =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "failed"; readonly failure: LlmFailure };

/** How often a summary that does not fit is asked for with half of the text. */
const maxHalvings = 3;
/** For the instruction and the answer. */
const reservedTokens = 6000;
/** Less than an estimate counts for a token: what is summarised is code and output rather than prose. */
const cautiousCharsPerToken = 3;
/** Characters of a summary, and of a prompt that is kept word for word beside it. */
const maxTextChars = 40_000;

/**
 * The text that is to stand for what `plan` summarises. When even the request for it is too long, half of it is left out,
 * the older one, up to three times. Failure is a value; an answer without text is one as well.
 *
 * @throws `signal.reason` when aborted.
 */
export async function summarise(options: {
  readonly plan: SummaryPlan;
  /** The tokens that the model can hold. */
  readonly room: number;
  readonly complete: Complete;
  readonly signal: AbortSignal;
}): Promise<Completion> {
  const { plan, room, complete, signal } = options;
  let maxChars = Math.max(room - reservedTokens, room / 2) * cautiousCharsPerToken;
  for (let halvings = 0; ; halvings += 1) {
    const completion = await completeSafely(complete, toSummaryRequest(plan, Math.floor(maxChars)));
    signal.throwIfAborted();
    if (completion.kind === "text") {
      if (completion.text.trim() === "") return { kind: "failed", failure: emptySummary };
      return { kind: "text", text: toSummaryText(plan, { summary: completion.text, room }) };
    }
    if (completion.failure.code !== "context_overflow" || halvings === maxHalvings) return completion;
    maxChars /= 2;
  }
}

/** A prompt that is still being worked on is not left to a summary. */
function toSummaryText(
  { pinnedPrompt }: SummaryPlan,
  { summary, room }: { readonly summary: string; readonly room: number },
): string {
  const maxChars = Math.min(maxTextChars, Math.floor(room * 0.1 * charsPerToken));
  const text = boundText(summary.trim(), maxChars);
  if (pinnedPrompt === null) return text;
  const prompt = quoteText("current-request", boundText(pinnedPrompt, maxChars));
  return `${text}\n\nThe user's request that is being worked on, word for word:\n${prompt}`;
}

async function completeSafely(complete: Complete, request: ModelRequest): Promise<Completion> {
  try {
    return await complete(request);
  } catch (error) {
    return { kind: "failed", failure: toLlmFailure(error) };
  }
}

const emptySummary: LlmFailure = { code: "bad_response", message: "the model gave an empty summary" };
