import type { LeaseAnswer, LeaseOwner, SessionChange, SessionRecord, SessionWriter } from "./session-record.ts";

/** Which sessions there are, and who writes to them. */
export interface SessionStore {
  /**
   * Throws `store_rejected` when the id exists, or did: an id is used once, a deleted one stays taken. A `leafId` makes it
   * a fork: it is an entry on the path of the parent, and the blobs that the parent refers to are readable for the fork.
   */
  createSession(record: SessionRecord): void;
  /** Null for an unknown or deleted one. */
  readSession(id: string): SessionRecord | null;
  changeSession(writer: SessionWriter, change: SessionChange, nowMs: number): void;
  /** Sessions of a project that have had a prompt, the latest first, at most 100. Null: of every project. */
  listSessions(projectRoot: string | null): readonly SessionRecord[];
  /** Those whose parent it is, the oldest first, at most 1000. */
  listChildren(id: string): readonly SessionRecord[];
  /** The first of {@link listSessions}. */
  latestSession(projectRoot: string): SessionRecord | null;
  /**
   * The session whose id starts with `prefix`.
   *
   * @throws {CoreError} `session_not_found` (also for an empty prefix), `session_ambiguous`.
   */
  findSession(prefix: string): SessionRecord;
  /**
   * Takes away everything that belongs to the session, but for what it has spent, which stays in the sums. Throws
   * `store_rejected` while it has children, whose paths lead through its entries; the id is never free again.
   */
  deleteSession(writer: SessionWriter): void;
  /**
   * Makes `owner` the only writer, under a fence one higher than any before. Otherwise the owner in the way, as judged by
   * `isAlive`. A lease whose owner is not alive is taken over.
   */
  acquireLease(sessionId: string, owner: LeaseOwner, isAlive: (owner: LeaseOwner) => boolean): LeaseAnswer;
  /** Throws `lease_lost` when a later lease was taken, or this one given back. */
  renewLease(writer: SessionWriter, nowMs: number): void;
  /** Null: nobody writes to it. The owner may be dead. */
  readLease(sessionId: string): LeaseOwner | null;
  /** Does nothing when `token` does not hold the lease. */
  releaseLease(sessionId: string, token: string): void;
}
