import type { AssistantContent, Entry } from "../store/entry.ts";
import { countRepeats, fingerprintCall, noRepeats, type RepeatState } from "./guards.ts";

/** How far a turn has come, as its entries tell: a turn that goes on after a crash begins here. */
export interface TurnPosition {
  /** There is nothing but the prompt. */
  readonly isAtStart: boolean;
  /** Steps that have an answer. */
  readonly stepsDone: number;
  /** Over the steps before `open`. */
  readonly repeats: RepeatState;
  /** The last answer, when nothing followed it yet: its calls may not all have run. */
  readonly open: AssistantContent | null;
  /** The last thing in the turn is an answer that was cut off. */
  readonly endsInCut: boolean;
}

/** Pure. A turn with nothing but its prompt is at its beginning. */
export function readPosition(entries: readonly Entry[], turnId: string): TurnPosition {
  // A turn's entries are the last ones, but for a summary that was made in it and stands first.
  const before = entries.findLastIndex((entry) => entry.turnId !== turnId);
  const own = entries.slice(before + 1).filter((entry) => entry.content.kind !== "summary");
  const answers = own.flatMap(({ content }) => (content.kind === "assistant" && content.isComplete ? [content] : []));
  const last = own.at(-1)?.content;
  const open = last?.kind === "assistant" && last.isComplete ? last : null;
  const repeats = (open === null ? answers : answers.slice(0, -1)).reduce(
    (state, { toolCalls }) => (toolCalls.length === 0 ? state : countRepeats(state, fingerprints(toolCalls)).state),
    noRepeats,
  );
  return {
    isAtStart: own.length === 1 && last?.kind === "user",
    // Earlier steps may be behind a summary, so that their number is more than can be counted here.
    stepsDone: Math.max(answers.length, ...answers.map(({ step }) => step ?? 0)),
    repeats,
    open,
    endsInCut: last?.kind === "assistant" && !last.isComplete,
  };
}

export const fingerprints = (calls: AssistantContent["toolCalls"]): readonly string[] =>
  calls.map((call) => fingerprintCall(call.name, call.argumentsJson));
