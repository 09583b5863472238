import { CoreError } from "../errors.ts";
import type { EngineEvent } from "./engine-event.ts";
import { JoinedEvent } from "./joined-event.ts";

export interface EventQueueOptions {
  /** Events that may wait, at least 1. Absent: 1,024. */
  readonly limit?: number | undefined;
  /** Called once: when the queue is closed, or its reader has left. */
  readonly onClose?: (() => void) | undefined;
}

const defaultLimit = 1024;
/** UTF-16 code units that may wait, all events together. */
const maxWaitingLength = 16 * 1024 * 1024;

/**
 * A bounded queue between a session and one reader. Events come out in order; after `close` the reader gets what is
 * left and then the end. Pushing never waits, and does nothing once the queue is closed or its reader has left.
 *
 * A reader that falls behind by `limit` events gets pieces of one text joined. When it still is that far behind, the
 * oldest events are dropped, and the first thing that it reads then is a `gap` with their number.
 */
export class EventQueue implements AsyncIterable<EngineEvent> {
  readonly #limit: number;
  readonly #onClose: () => void;
  /** What waits begins at `#head`; what is before it has been read. */
  #waiting: (JoinedEvent | null)[] = [];
  #head = 0;
  #length = 0;
  #missed = 0;
  /** From the first time that it is full until half of it is read, so that joining everything anew is rare. */
  #isJoining = false;
  #isClosed = false;
  #isRead = false;
  #wake: (() => void) | null = null;

  /** @throws {CoreError} `bad_option` for a limit that is no whole number from 1. */
  constructor({ limit = defaultLimit, onClose = () => undefined }: EventQueueOptions = {}) {
    if (!Number.isSafeInteger(limit) || limit < 1) {
      throw new CoreError("bad_option", `the limit of waiting events is a whole number from 1, not ${limit}`);
    }
    this.#limit = limit;
    this.#onClose = onClose;
  }

  push(event: EngineEvent): void {
    if (this.#isClosed) return;
    const added = new JoinedEvent(event);
    if (!this.#isJoining && this.#count() >= this.#limit) this.#joinAll();
    if (!this.#isJoining || !this.#waiting.at(-1)?.tryJoin(added)) {
      if (this.#count() >= this.#limit) this.#drop();
      this.#waiting.push(added);
    }
    this.#length += added.length;
    while (this.#length > maxWaitingLength && this.#count() > 1) this.#drop();
    this.#wake?.();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#wake?.();
    this.#onClose();
  }

  /**
   * Leaving the loop closes the queue and forgets what waits.
   *
   * @throws {CoreError} `bad_option` for a second reader: each would get only a part.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<EngineEvent, void> {
    if (this.#isRead) throw new CoreError("bad_option", "these events are being read already");
    this.#isRead = true;
    try {
      while (true) {
        if (this.#missed > 0) {
          const missed = this.#missed;
          this.#missed = 0;
          yield { type: "gap", missed };
        } else if (this.#count() > 0) {
          yield this.#take().toEvent();
        } else if (this.#isClosed) {
          return;
        } else {
          const { promise, resolve } = Promise.withResolvers<void>();
          this.#wake = resolve;
          await promise;
          this.#wake = null;
        }
      }
    } finally {
      this.#isRead = false;
      this.close();
      this.#waiting = [];
      this.#head = 0;
      this.#length = 0;
      this.#missed = 0;
    }
  }

  #count(): number {
    return this.#waiting.length - this.#head;
  }

  #take(): JoinedEvent {
    const taken = this.#waiting[this.#head];
    if (taken === null || taken === undefined) throw new TypeError("nothing waits");
    this.#waiting[this.#head] = null;
    this.#head += 1;
    this.#length -= taken.length;
    if (this.#head === this.#waiting.length) {
      this.#waiting.length = 0;
      this.#head = 0;
    }
    // Moved up when most of the array is behind the head: each event is moved at most once on average.
    if (this.#head * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    if (this.#count() * 2 <= this.#limit) this.#isJoining = false;
    return taken;
  }

  #drop(): void {
    const isJoining = this.#isJoining;
    this.#missed += this.#take().count;
    this.#isJoining = isJoining;
  }

  #joinAll(): void {
    this.#isJoining = true;
    const joined: JoinedEvent[] = [];
    for (let index = this.#head; index < this.#waiting.length; index += 1) {
      const next = this.#waiting[index];
      if (next === null || next === undefined) continue;
      if (!joined.at(-1)?.tryJoin(next)) joined.push(next);
    }
    this.#waiting = joined;
    this.#head = 0;
  }
}
