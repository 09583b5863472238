import type { ModelMessage } from "../ports/llm-provider.ts";
import { chooseOldResults } from "./choose-old-results.ts";
import type { ContextReading } from "./context-meter.ts";

/** `overflow`: the provider refused a request for its length. `asked`: the user wants it. */
export type ShrinkReason = "threshold" | "overflow" | "asked";

export interface ShrinkQuestion {
  readonly reason: ShrinkReason;
  readonly reading: ContextReading;
  /** The part of the window, 0 to 1, from which on the context is shrunk without being asked; null for never. */
  readonly threshold: number | null;
  /** Of the view, as they are sent. */
  readonly messages: readonly ModelMessage[];
  readonly blanked: ReadonlySet<string>;
  /** Summaries have failed too often to try another now. */
  readonly isBreakerOpen: boolean;
}

export type ShrinkDecision =
  | { readonly kind: "none"; readonly why: "not-full" | "few-messages" | "summaries-fail" }
  /** Leaving out the results of `callIds` is enough. */
  | { readonly kind: "blank"; readonly callIds: ReadonlySet<string> }
  /** Leaving out results is not enough: `callIds` are those to leave out when there can be no summary. */
  | ({ readonly kind: "summarise"; readonly callIds: ReadonlySet<string> } & SummaryRoom);

/** What a summary has to make do with. */
export interface SummaryRoom {
  /** The tokens that the model can hold, as far as is known. */
  readonly room: number;
  /** The tokens of entries that are to stay as they are. */
  readonly keepTokens: number;
  /** Entries that should stay whatever they take may not take more than this. */
  readonly limitTokens: number;
}

export const defaultThreshold: number = 0.8;

/** Of the window, or of what is used when that is less: the newest entries stay as they are. */
const keptPart = 0.2;
/** What is below this part of the room after old results are left out needs no summary, and what stays beside one fits. */
const target = 0.6;
/** A conversation of no more messages and less of the window is not worth a summary, even if one is asked for. */
const fewMessages = 30;
const littleUsed = 0.5;

/** Pure. Whether a model is to be shown less, and what is enough for that. */
export function decideShrink(question: ShrinkQuestion): ShrinkDecision {
  const { reason, reading, messages, blanked } = question;
  const room = findRoom(reason, reading);
  const used = Math.min(room, reading.usedTokens);
  const summaryRoom: SummaryRoom = {
    room,
    keepTokens: Math.floor((reason === "threshold" ? room : used) * keptPart),
    limitTokens: reason === "overflow" ? room * target : Number.POSITIVE_INFINITY,
  };
  switch (reason) {
    case "asked":
      return isSmall(question)
        ? { kind: "none", why: "few-messages" }
        : { kind: "summarise", callIds: none, ...summaryRoom };
    case "threshold":
      if (!isContextFull(reading, question.threshold)) return { kind: "none", why: "not-full" };
      break;
    case "overflow":
      break;
    default:
      return reason satisfies never;
  }
  const { callIds, savedTokens } = chooseOldResults(messages, { room, blanked });
  if (callIds.size > 0 && reading.usedTokens - savedTokens < room * target) return { kind: "blank", callIds };
  // A request that was refused fails the turn: a summary is tried however often it failed.
  if (reason === "threshold" && question.isBreakerOpen) {
    return callIds.size > 0 ? { kind: "blank", callIds } : { kind: "none", why: "summaries-fail" };
  }
  return { kind: "summarise", callIds, ...summaryRoom };
}

const none: ReadonlySet<string> = new Set();

/** A provider that refuses a request has less room than that, whatever its window is said to be. */
function findRoom(reason: ShrinkReason, { usedTokens, maxTokens }: ContextReading): number {
  if (maxTokens === 0) return usedTokens;
  return reason === "overflow" ? Math.min(maxTokens, usedTokens) : maxTokens;
}

/**
 * Whether a shrink is due by this reading; cheap, for every step to ask. A window of zero is never full, nor is one without
 * a threshold, and a reading is good for one shrink.
 */
export function isContextFull(reading: ContextReading, threshold: number | null): boolean {
  if (threshold === null || reading.maxTokens === 0 || reading.isSpent) return false;
  // A quotient, so that 160,000 of 200,000 is exactly 0.8.
  return reading.usedTokens / reading.maxTokens >= threshold;
}

function isSmall({ reading, messages }: ShrinkQuestion): boolean {
  const isLittleUsed = reading.maxTokens === 0 || reading.usedTokens / reading.maxTokens < littleUsed;
  return messages.length <= fewMessages && isLittleUsed;
}
