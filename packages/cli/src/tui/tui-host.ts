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
  /** Runs one turn to its end when iterated; aborting ends it. */
  runTurn(prompt: string, options: { readonly signal: AbortSignal }): AsyncIterable<EngineEvent>;
  /** False when it had no effect. */
  send(command: EngineCommand): boolean;
  /** Every event of the session, those of its turns included. */
  subscribe(listener: (event: EngineEvent) => void): () => void;
  transcript(): readonly TranscriptEntry[];
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
