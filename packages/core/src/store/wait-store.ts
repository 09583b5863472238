import type { SessionWriter } from "./session-record.ts";

export type WaitKind = "approval" | "question" | "steps" | "external";

/** Something a session waits for from outside: a person's answer, the result of a task done elsewhere. */
export interface WaitRecord {
  /** Unique in the store: `sessionId/wait/…`. */
  readonly key: string;
  readonly sessionId: string;
  readonly turnId: string;
  /** Null when it is about no call. */
  readonly callId: string | null;
  readonly kind: WaitKind;
  /** What is asked, for whoever answers: JSON text. */
  readonly payloadJson: string;
  /** Null: as long as it takes. */
  readonly deadlineMs: number | null;
  readonly createdAtMs: number;
  /** JSON text; null until answered. */
  readonly answerJson: string | null;
  /** Who answered, in a few words; null until then. */
  readonly answeredBy: string | null;
  /** `answered` and `closed` are final. `closed`: nobody waits any more (cancelled, too late). */
  readonly state: "open" | "answered" | "closed";
}

/** What sessions wait for. Any process may answer; the first answer wins. */
export interface WaitStore {
  /**
   * The same key again, while it is open or answered, changes nothing: the question of a resumed turn is the same one.
   * A closed one is opened again. Throws `store_rejected` when another session has the key.
   */
  openWait(
    writer: SessionWriter,
    wait: Pick<WaitRecord, "key" | "turnId" | "callId" | "kind" | "payloadJson" | "deadlineMs" | "createdAtMs">,
  ): void;
  /** Null for an unknown key. */
  readWait(key: string): WaitRecord | null;
  /** False when it is unknown, was answered, is closed, or its deadline has come. */
  answerWait(key: string, answer: { readonly json: string; readonly by: string; readonly nowMs: number }): boolean;
  /** Nobody waits any more. An answered one stays answered. */
  closeWait(writer: SessionWriter, key: string): void;
  /** The oldest first. `open`: only those that can still be answered at `nowMs`. */
  listWaits(
    sessionId: string,
    filter: { readonly state: "open" | "all"; readonly nowMs: number },
  ): readonly WaitRecord[];
}
