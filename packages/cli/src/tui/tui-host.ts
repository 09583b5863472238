import type { Enforcement, EngineCommand, EngineEvent, TrustMode } from "@koda/core";

/** What the terminal needs of the program around it. */
export interface TuiHost {
  /** The current one; another after `openSession`. */
  readonly session: TuiSession;
  /** Connections of the current session that the host filter refused, since it was opened. */
  readonly connectionsRefused: () => number;
  /** Newest first. */
  listSessions(): readonly SessionSummary[];
  /** Makes another session the current one. `id` may be any prefix that names one. Rejects with a message for the user. */
  openSession(id: string): Promise<TuiSession>;
  /** Rejects with a message for the user; the model stays as it was then. */
  switchModel(model: string): Promise<void>;
  /** As the provider lists them; rejects when it does not. */
  models(): Promise<readonly string[]>;
  /** Goes on at once with what the session was left in the middle of. */
  readonly isContinuing?: boolean | undefined;
  /** Told once at the start: what is missing, and why. */
  readonly notices?: readonly string[] | undefined;
}

export interface SessionSummary {
  readonly id: string;
  /** Null before the first prompt. */
  readonly title: string | null;
  readonly updatedAtMs: number;
}

/** The part of a `KodaSession` that a screen uses. */
export interface TuiSession {
  readonly id: string;
  readonly mode: TrustMode;
  readonly model: string;
  readonly enforcement: Enforcement;
  readonly projectRoot: string;
  /** Runs one turn to its end when iterated; aborting ends it. `inputId`: the waiting input that the prompt is. */
  runTurn(
    prompt: string,
    options: { readonly signal: AbortSignal; readonly inputId?: string | undefined },
  ): AsyncIterable<EngineEvent>;
  /** The same for the turn that was left without its end. */
  continueTurn(options: { readonly signal: AbortSignal }): AsyncIterable<EngineEvent>;
  /** The prompt of that turn; null when there is none. */
  readonly unfinished: string | null;
  /** What was said and became no prompt yet, in order. */
  waitingInputs(): readonly QueuedInput[];
  /** False when it had no effect. */
  send(command: EngineCommand): boolean;
  /** Every event of the session, those of its turns included. */
  subscribe(listener: (event: EngineEvent) => void): () => void;
  /** Goes back to before the last prompt, which it gives; null where there is none. Throws with a message for the user. */
  rewind(): string | null;
  /** Has the older part of the conversation summarised, which is told as an event. Why not, in words; else null. */
  compact(options: { readonly signal: AbortSignal }): Promise<string | null>;
  transcript(): readonly TranscriptEntry[];
}

/** Something that was said to a session and that no turn has accepted yet. */
export interface QueuedInput {
  readonly id: string;
  readonly text: string;
}

/** One piece of what was said before. `name` and `outcome` are those of a tool call; `text` is its result then. */
export interface TranscriptEntry {
  readonly role: "user" | "assistant" | "tool";
  readonly text: string;
  readonly name?: string | undefined;
  /** What the model wrote as arguments. */
  readonly argumentsJson?: string | undefined;
  readonly outcome?: string | undefined;
}
