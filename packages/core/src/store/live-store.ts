import type { SessionWriter } from "./session-record.ts";

/** Some events of a running session, told together. `firstSeq` numbers the first; they count on by one. */
export interface LiveBatch {
  readonly fence: number;
  readonly firstSeq: number;
  readonly count: number;
  /** A JSON array of `count` events. */
  readonly eventsJson: string;
  readonly createdAtMs: number;
}

/**
 * The last events of sessions, for those who look on from other processes. It is no record: old ones go, and a session
 * that nobody writes to keeps what it had.
 */
export interface LiveStore {
  /** Also lets go of what is older than `keep` says. */
  writeLive(
    writer: SessionWriter,
    batch: Omit<LiveBatch, "fence">,
    keep: { readonly events: number; readonly sinceMs: number },
  ): void;
  /** Batches that end after `afterSeq`, in order. */
  readLive(sessionId: string, afterSeq: number): readonly LiveBatch[];
  /** A number that is another one after someone else has written to the store. Cheap: asked many times a second. */
  changeMarker(): number;
}
