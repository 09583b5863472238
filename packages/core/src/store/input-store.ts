/** What was said to a session and has not become a prompt yet. */
export interface InputRecord {
  /** The sender's own name for it, unique in its session: sending it again does nothing. */
  readonly id: string;
  readonly sessionId: string;
  readonly text: string;
  /** `this-turn`: given to the model before its next step; a turn that ends first leaves it for the next prompt. */
  readonly boundary: "this-turn" | "next-turn";
  readonly state: "waiting" | "accepted" | "withdrawn";
  /** The entry it became; null until accepted. */
  readonly entryId: string | null;
  readonly createdAtMs: number;
}

/** Inputs of any process to a session. Whoever writes the session takes them, each exactly once. */
export interface InputStore {
  /** `known`: it was sent before, with the same text. Throws `store_rejected` for the same id with another text. */
  addInput(input: Pick<InputRecord, "id" | "sessionId" | "text" | "boundary" | "createdAtMs">): "added" | "known";
  /** In the order they came; all states. */
  listInputs(sessionId: string): readonly InputRecord[];
  /** Those that wait, in the order they came. Cheap: asked before every step. */
  waitingInputs(sessionId: string): readonly InputRecord[];
  /** True when it waited and will not be taken any more. */
  withdrawInput(sessionId: string, id: string): boolean;
}
