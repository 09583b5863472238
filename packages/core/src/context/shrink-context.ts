import type { EngineEvent } from "../events/engine-event.ts";
import type { LlmFailure, ModelRequest } from "../ports/llm-provider.ts";
import type { Entry, SummaryContent } from "../store/entry.ts";
import type { ContextMeter, ContextReading } from "./context-meter.ts";
import type { ContextView } from "./context-view.ts";
import { decideShrink, type ShrinkDecision, type ShrinkReason, type SummaryRoom } from "./decide-shrink.ts";
import { type NoSummary, planSummary, type RunningTurn } from "./plan-summary.ts";
import type { ShrinkBreaker } from "./shrink-breaker.ts";
import { type Complete, summarise } from "./summarise.ts";
import { toViewMessages } from "./to-view-messages.ts";

export interface ShrinkOptions {
  readonly reason: ShrinkReason;
  readonly view: ContextView;
  /** What would be sent now: the messages of `view`, and whatever the turn adds to them. */
  readonly request: ModelRequest;
  /** The turn that runs; null between turns. */
  readonly turn: RunningTurn | null;
  /** The part of the window, 0 to 1, from which on the context is shrunk without being asked; null for never. */
  readonly threshold: number | null;
  /** Of the session, for as long as it lives. */
  readonly meter: ContextMeter;
  readonly breaker: ShrinkBreaker;
  readonly complete: Complete;
  /** Appends to the record. It is the only thing that is written. */
  readonly append: (content: SummaryContent) => Entry;
  readonly emit: (event: ShrinkEvent) => void;
  readonly signal: AbortSignal;
}

export type ShrinkEvent = Extract<EngineEvent, { readonly type: "context-shrunk" | "warning" }>;

export type ShrinkResult =
  | {
      readonly kind: "unchanged";
      readonly why: Extract<ShrinkDecision, { readonly kind: "none" }>["why"] | NoSummary["why"];
    }
  /** From now on `view` is shown. */
  | {
      readonly kind: "shrunk";
      readonly step: "blanked" | "summarised";
      readonly view: ContextView;
      readonly beforeTokens: number;
      readonly afterTokens: number;
    }
  /** Nothing is changed. */
  | { readonly kind: "failed"; readonly failure: LlmFailure };

/**
 * Makes a view smaller when it has to be: old results that can be had again are left out, and when that is not enough, the
 * older entries are summarised. The record stays whole. A summary that fails leaves what it was made of as it is, and is
 * told as a warning; what could be left out without it is left out.
 *
 * @throws `signal.reason` when aborted; nothing is changed then.
 */
export async function shrinkContext(options: ShrinkOptions): Promise<ShrinkResult> {
  const { reason, view, request, threshold, meter, breaker } = options;
  const reading = meter.measure(request);
  const messages = toViewMessages(view);
  const isBreakerOpen = breaker.isOpen(reading);
  const decision = decideShrink({ reason, reading, threshold, messages, blanked: view.blanked, isBreakerOpen });
  if (decision.kind === "none") return { kind: "unchanged", why: decision.why };

  const blankedView = withBlanked(view, decision.callIds);
  if (decision.kind === "blank") return change(options, { step: "blanked", view: blankedView, reading });
  const made = await makeSummary(options, { ...decision, reading });
  if (made.kind === "summary") return change(options, { step: "summarised", view: made.view, reading });
  if (decision.callIds.size > 0) return change(options, { step: "blanked", view: blankedView, reading });
  return made.kind === "nothing" ? { kind: "unchanged", why: made.why } : made;
}

type Made =
  | { readonly kind: "summary"; readonly view: ContextView }
  | { readonly kind: "failed"; readonly failure: LlmFailure }
  | NoSummary;

async function makeSummary(
  { view, turn, breaker, complete, append, emit, signal }: ShrinkOptions,
  { room, reading, ...limits }: SummaryRoom & { readonly reading: ContextReading },
): Promise<Made> {
  const plan = planSummary(view, { ...limits, turn });
  if (plan.kind === "nothing") return plan;
  const summary = await summarise({ plan, room, complete, signal });
  if (summary.kind === "failed") {
    breaker.noteFailure(reading);
    const { code, message } = summary.failure;
    const text = `the conversation could not be summarised: ${code}: ${message}`;
    emit({ type: "warning", code: "compaction_failed", message: text });
    return summary;
  }
  breaker.noteSuccess();
  const keptFromId = plan.kept[0]?.id ?? null;
  const entry = append({ kind: "summary", text: summary.text, keptFromId });
  return { kind: "summary", view: { ...view, entries: [entry, ...plan.kept], isWhole: true } };
}

/** Nothing is estimated before a view is in place: what the provider counted belongs to the one before. */
function change(
  { request, view: oldView, meter, emit }: ShrinkOptions,
  next: { readonly step: "blanked" | "summarised"; readonly view: ContextView; readonly reading: ContextReading },
): ShrinkResult {
  const { step, view } = next;
  const messages = toViewMessages(view);
  meter.reset();
  const beforeTokens = next.reading.usedTokens;
  const afterTokens = meter.measure({ ...request, messages }).usedTokens;
  const beforeMessages = toViewMessages(oldView).length;
  emit({ type: "context-shrunk", step, beforeTokens, afterTokens, beforeMessages, afterMessages: messages.length });
  return { kind: "shrunk", step, view, beforeTokens, afterTokens };
}

function withBlanked(view: ContextView, callIds: ReadonlySet<string>): ContextView {
  return callIds.size === 0 ? view : { ...view, blanked: new Set([...view.blanked, ...callIds]) };
}
