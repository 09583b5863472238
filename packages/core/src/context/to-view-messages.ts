import type { ModelMessage } from "../ports/llm-provider.ts";
import { toModelMessages } from "../turn/to-model-messages.ts";
import { blankResults } from "./blank-results.ts";
import type { ContextView } from "./context-view.ts";
import { selectShown } from "./select-shown.ts";
import { cutMessage, toSummaryMessage } from "./summary-message.ts";

/**
 * Pure. The messages of a view: its summary, then its entries, without the results that are blanked. Each call is followed
 * by its results and no result is without its call. A view that only grows gives messages that only grow.
 */
export function toViewMessages(view: ContextView): readonly ModelMessage[] {
  const [first, ...rest] = selectShown(view.entries);
  if (first === undefined) return [];
  const start = view.isWhole ? [] : [cutMessage];
  if (first.content.kind !== "summary") {
    return [...start, ...blankResults(toModelMessages([first, ...rest], view.calls), view.blanked)];
  }
  const messages = blankResults(toModelMessages(rest, view.calls), view.blanked);
  return [toSummaryMessage(first.content.text), ...start, ...messages];
}
