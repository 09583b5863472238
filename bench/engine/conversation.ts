/** One conversation with a model that answers at once, and a tool that does nothing. */
export interface Conversation extends AsyncDisposable {
  /** A turn with two requests: the model makes `calls` calls, then says a word. Rejects when it did not end well. */
  turn(calls: number): Promise<TurnFigures>;
  /** A turn with one request, whose answer comes in `deltas` pieces. */
  stream(deltas: number): Promise<void>;
}

/** What a peer says of its own turn; null where it says nothing. */
export interface TurnFigures {
  readonly ownMs: number | null;
  readonly events: number;
}

/** What a scripted model says next. */
export type Answer =
  | { readonly kind: "calls"; readonly count: number }
  | { readonly kind: "text"; readonly deltas: number };

/** The answers of a turn with calls. */
export function answersOf(calls: number): Answer[] {
  return [
    { kind: "calls", count: calls },
    { kind: "text", deltas: 1 },
  ];
}

/** What every module of a peer exports as `open`. */
export type OpenPeer = () => Promise<Peer>;

export interface Peer {
  converse(): Promise<Conversation>;
}

export const SYSTEM_PROMPT = "You are a careful engineer. Say what you did in a few words.";
export const PROMPT = "Do nothing, then say so.";
/** Of a delta and of a whole answer. */
export const WORD = "done ";
