/** What a model can be given besides what was said: remembered, looked up, learnt to do. */
export const contextItemTypes: readonly ["memory", "resource", "skill"] = ["memory", "resource", "skill"];

export type ContextItemType = (typeof contextItemTypes)[number];

/** How much of each item is wanted: about 100 tokens, about 2,000, or all of it. */
export type ContextDepth = "abstract" | "overview" | "full";

export interface ContextItem {
  readonly type: ContextItemType;
  /** Where it is from, for the model: a path, an address, a name. One line. */
  readonly source: string;
  readonly text: string;
}

export interface ContextQuery {
  /** The prompt of the turn. */
  readonly text: string;
  /** Items of other types are left out. */
  readonly types: readonly ContextItemType[];
  readonly depth: ContextDepth;
  /** Over all providers; more is dropped. */
  readonly maxItems: number;
  /** Over all providers; what goes beyond is cut. */
  readonly maxTokens: number;
  readonly sessionId: string;
  /** Aborts when the deadline has passed or the turn is cancelled: nobody reads the answer then. */
  readonly signal: AbortSignal;
  /** An embedder's own; passed on as it is. */
  readonly params?: Readonly<Record<string, unknown>> | undefined;
}

/** A turn that came to its end with an answer. */
export interface CompletedTurn {
  readonly sessionId: string;
  readonly turnId: string;
  readonly prompt: string;
  readonly answer: string;
}

/** Someone who knows something about a request. The best items first. What it throws costs the turn nothing. */
export interface ContextProvider {
  /** Unique in its session. */
  readonly name: string;
  query(query: ContextQuery): Promise<readonly ContextItem[]>;
  /** Told once of each completed turn. Failures are reported, and change nothing. */
  afterTurn?(turn: CompletedTurn, options: { readonly signal: AbortSignal }): Promise<void>;
}
