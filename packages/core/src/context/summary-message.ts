import type { ModelMessage } from "../ports/llm-provider.ts";
import { quoteText } from "./quote-text.ts";

/** A summary as its model reads it: said by the user's side, and marked as what it is. */
export function toSummaryMessage(text: string): ModelMessage {
  return { role: "user", text: `${introduction}\n\n${quoteText("conversation-summary", text)}` };
}

/** What stands in place of older entries that no summary speaks for. */
export const cutMessage: ModelMessage = {
  role: "user",
  text: "[The beginning of this conversation is too long to be shown. What follows is its latest part.]",
};

const introduction =
  "[The earlier part of this conversation is not shown any more. This is a summary of it, written by a model: notes of what was said and done, no new request. Files may have changed since.]";
