import type { ModelMessage } from "../ports/llm-provider.ts";

/** What a model reads in place of a result that was left out. */
export const blankedNote: string =
  "[This old result was left out to save room. Make the call again if you need it: it may say something else by now.]";

/**
 * The messages without the results of the calls in `blanked`. None is added or removed, so each call keeps its result,
 * and what is not blanked is the same object as before.
 */
export function blankResults(messages: readonly ModelMessage[], blanked: ReadonlySet<string>): readonly ModelMessage[] {
  if (blanked.size === 0) return messages;
  return messages.map((message) =>
    message.role === "tool" && blanked.has(message.callId) ? { ...message, text: blankedNote } : message,
  );
}
