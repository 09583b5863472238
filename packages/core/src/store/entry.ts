import type { ModelToolCall } from "../ports/llm-provider.ts";
import type { TurnOutcome } from "./turn-outcome.ts";

/** One step of a conversation as it is kept. Entries are appended, never changed and never removed. */
export interface Entry {
  /** UUIDv7. */
  readonly id: string;
  readonly sessionId: string;
  /** The entry that this one follows; null for the first of a session. */
  readonly parentId: string | null;
  readonly turnId: string;
  readonly createdAtMs: number;
  readonly content: EntryContent;
}

export type EntryContent =
  | UserContent
  | AssistantContent
  | SummaryContent
  | { readonly kind: "turn-end"; readonly outcome: TurnOutcome };

/** `prompt`: what started the turn. `steer`: said while it ran. `guard`: a note of the engine to the model. */
export interface UserContent {
  readonly kind: "user";
  readonly source: "prompt" | "steer" | "guard";
  readonly text: string;
  /** Of a prompt: the number of its turn in the session, and the version of the rules by which the turn runs. */
  readonly turn?: { readonly number: number; readonly protocol: number } | undefined;
}

/**
 * What stands for earlier entries in what a model is shown: everything on the path before `keptFromId`. From there on
 * the entries are shown as they are. The record itself is whole: nothing is removed by a summary.
 */
export interface SummaryContent {
  readonly kind: "summary";
  readonly text: string;
  /** The first entry that is shown as it is; null when none is. */
  readonly keptFromId: string | null;
}

/**
 * What the model said in one step. The results of `toolCalls` are in the journal, under their call ids.
 * `isComplete` is false when the answer was cut or cancelled; such an entry has no calls.
 */
export interface AssistantContent {
  readonly kind: "assistant";
  readonly text: string;
  readonly thinking: string;
  readonly toolCalls: readonly ModelToolCall[];
  readonly isComplete: boolean;
  /** From 1 in its turn. Absent in a cut answer, and in what early versions wrote. */
  readonly step?: number | undefined;
}

/** An answer that is still arriving. At most one per session; it becomes an {@link Entry} or is forgotten. */
export interface Draft {
  readonly turnId: string;
  readonly text: string;
  readonly thinking: string;
}
