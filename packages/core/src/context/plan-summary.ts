import type { Entry } from "../store/entry.ts";
import type { ContextView } from "./context-view.ts";
import type { SummaryRoom } from "./decide-shrink.ts";
import { estimateMessages } from "./estimate-tokens.ts";
import { type EntrySize, findKeptStart } from "./find-kept-start.ts";
import { renderEntry } from "./render-entry.ts";
import { toViewMessages } from "./to-view-messages.ts";

/** What a summary is made of, and what stays as it is. */
export interface SummaryPlan {
  readonly kind: "summarise";
  /** What goes into the summary, oldest first, one text for each entry. */
  readonly parts: readonly string[];
  /** The text of the summary that the new one replaces; null when there is none. */
  readonly earlierSummary: string | null;
  /** False when there was more before, which no summary speaks for. */
  readonly isWhole: boolean;
  /** These stay, oldest first. Empty when not even the last of them fits. */
  readonly kept: readonly Entry[];
  /** The prompt of the running turn, when it is not among `kept`; null otherwise, and between turns. */
  readonly pinnedPrompt: string | null;
}

/** `pending-calls`: the last answer waits for results. `too-little`: hardly anything would be saved. */
export type NoSummary = { readonly kind: "nothing"; readonly why: "pending-calls" | "too-little" };

/** Of what may stay: a summary of less is not worth its request. */
const minSummarisedPart = 0.25;

/**
 * Pure. Divides a view in what is summarised and what stays. An answer and its calls are on one side; what stays begins
 * with a user's entry where it can. `turn`: the one that runs, if any.
 */
export function planSummary(
  view: ContextView,
  { keepTokens, limitTokens, turn }: Omit<SummaryRoom, "room"> & { readonly turn: RunningTurn | null },
): SummaryPlan | NoSummary {
  if (hasPendingCalls(view)) return { kind: "nothing", why: "pending-calls" };
  const earlier = view.entries[0]?.content.kind === "summary" ? view.entries[0].content.text : null;
  const entries = view.entries.filter(({ content }) => content.kind !== "summary");
  const sizes = entries.map((entry) => sizeOf(entry, view));
  const start = findKeptStart(entries, { sizes, keepTokens, limitTokens });
  const saved = sizes.slice(0, start).reduce((sum, { tokens }) => sum + tokens, 0);
  if (start === 0 || saved < keepTokens * minSummarisedPart) return { kind: "nothing", why: "too-little" };

  const kept = entries.slice(start);
  const isPromptKept = kept.some(
    ({ turnId, content }) => turnId === turn?.id && content.kind === "user" && content.source === "prompt",
  );
  return {
    kind: "summarise",
    parts: entries
      .slice(0, start)
      .map((entry) => renderEntry(entry, view.calls))
      .filter((text) => text !== ""),
    earlierSummary: earlier,
    isWhole: view.isWhole,
    kept,
    pinnedPrompt: turn === null || isPromptKept ? null : turn.prompt,
  };
}

/** Calls that something followed are not waited for any more, whatever became of them. */
function hasPendingCalls({ entries, calls }: ContextView): boolean {
  const last = entries.at(-1)?.content;
  return last?.kind === "assistant" && last.toolCalls.some(({ callId }) => !calls.get(callId)?.result);
}

/** The turn that a summary is made in. */
export interface RunningTurn {
  readonly id: string;
  readonly prompt: string;
}

function sizeOf(entry: Entry, view: ContextView): EntrySize {
  const messages = toViewMessages({ ...view, entries: [entry], isWhole: true });
  return { messages: messages.length, tokens: estimateMessages(messages) };
}
