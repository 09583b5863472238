import { CoreError } from "../errors.ts";
import type { LiveStore } from "../store/live-store.ts";
import type { SessionWriter } from "../store/session-record.ts";
import type { EngineEvent } from "./engine-event.ts";
import { JoinedEvent } from "./joined-event.ts";
import type { LiveMark } from "./live-mark.ts";

export interface LiveLogOptions {
  readonly store: Pick<LiveStore, "readLive" | "writeLive">;
  readonly writer: SessionWriter;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Runs `act` once after `delayMs`; the result keeps it from running. */
  readonly schedule: (delayMs: number, act: () => void) => () => void;
  /** Told once, when the store refuses: those who look on miss something from then on. Must not throw. */
  readonly onLost: (error: Error) => void;
}

/** A person who looks on sees no difference, and a store copes with ten writes a second. */
const delayMs = 100;
const keptEvents = 2048;
const keptMs = 120_000;
/** More than that is not held back until the delay is over: a burst costs no memory. */
const maxPending = 512;
const maxPendingLength = 1024 * 1024;

/** What somebody who looks on has to know at once: that work begins, or that there is something to answer. */
const urgent: readonly EngineEvent["type"][] = ["turn-start", "approval-request", "external-task", "loop-cap-reached"];

/**
 * Writes what a session says to its store, for those who look on from other processes: in batches, at most one in
 * 100 ms, the pieces of one text joined, the last 2,048 events or 120 s kept. Events are numbered from 1 in their
 * session and go on where an earlier owner of the session has ended.
 *
 * Nothing here throws. A batch that cannot be written is lost, and its numbers stay unused, so that readers see a gap.
 */
export class LiveLog implements Disposable {
  readonly #options: LiveLogOptions;
  #pending: (JoinedEvent | LiveMark)[] = [];
  #pendingEvents = 0;
  #pendingLength = 0;
  /** The number of the last event that an earlier owner wrote; null until it is asked for. */
  #base: number | null = null;
  #told = 0;
  #cancel: (() => void) | null = null;
  #hasLost = false;
  #isOver = false;

  constructor(options: LiveLogOptions) {
    this.#options = options;
  }

  push(event: EngineEvent): void {
    if (this.#isOver) return;
    const added = new JoinedEvent(event);
    const last = this.#pending.at(-1);
    if (!(last instanceof JoinedEvent && last.tryJoin(added))) {
      this.#pending.push(added);
      this.#pendingEvents += 1;
    }
    this.#pendingLength += added.length;
    const isFull = this.#pendingEvents >= maxPending || this.#pendingLength >= maxPendingLength;
    if (isFull || urgent.includes(event.type)) this.flush();
    else this.#cancel ??= this.#options.schedule(delayMs, () => this.flush());
  }

  /**
   * Says that what was pushed so far is in the journal up to `leafId` and in `draft`. To be called after every append,
   * after every draft that is written, and when the leaf moves; it goes out with the next event.
   */
  settle(leafId: string | null, draft: { readonly text: string; readonly thinking: string } | null): void {
    if (this.#isOver) return;
    // Of several in a row, the last one counts.
    if (!(this.#pending.at(-1) instanceof JoinedEvent)) this.#pending.pop();
    this.#pending.push({
      mark: "settled",
      leafId,
      draftText: draft?.text.length ?? 0,
      draftThinking: draft?.thinking.length ?? 0,
    });
  }

  /** Writes what waits. */
  flush(): void {
    this.#cancel?.();
    this.#cancel = null;
    if (this.#pendingEvents === 0) return;
    const [items, count] = [this.#pending, this.#pendingEvents];
    const firstTold = this.#told + 1;
    this.#pending = [];
    this.#pendingEvents = 0;
    this.#pendingLength = 0;
    this.#told += count;
    try {
      const { store, writer, now } = this.#options;
      this.#base ??= readLastSeq(store, writer.sessionId);
      const eventsJson = JSON.stringify(items.map((item) => (item instanceof JoinedEvent ? item.toEvent() : item)));
      const createdAtMs = now();
      store.writeLive(
        writer,
        { firstSeq: this.#base + firstTold, count, eventsJson, createdAtMs },
        { events: keptEvents, sinceMs: createdAtMs - keptMs },
      );
    } catch (error) {
      this.#lose(error);
    }
  }

  /** Writes what waits; nothing is taken any more. */
  [Symbol.dispose](): void {
    this.flush();
    this.#isOver = true;
  }

  #lose(error: unknown): void {
    // Somebody else writes to the session now: this log has nothing to say any more.
    if (error instanceof CoreError && error.code === "lease_lost") this.#isOver = true;
    if (this.#hasLost) return;
    this.#hasLost = true;
    this.#options.onLost(error instanceof Error ? error : new Error(String(error)));
  }
}

function readLastSeq(store: Pick<LiveStore, "readLive">, sessionId: string): number {
  const last = store.readLive(sessionId, 0).at(-1);
  return last === undefined ? 0 : last.firstSeq + last.count - 1;
}
