import { Broadcast } from "../events/broadcast.ts";
import type { EngineEvent } from "../events/engine-event.ts";
import { EventQueue } from "../events/event-queue.ts";
import { LiveLog } from "../events/live-log.ts";
import type { Draft } from "../store/entry.ts";
import type { LiveStore } from "../store/live-store.ts";
import type { SessionWriter } from "../store/session-record.ts";

/** What a session says, to everyone who listens: in this process, in the loop of the running turn, and from elsewhere. */
export class SessionVoice implements Disposable {
  readonly #broadcast = new Broadcast<EngineEvent>();
  readonly #queues = new Set<EventQueue>();
  readonly #live: LiveLog;
  #isOver = false;

  constructor(options: {
    readonly store: LiveStore;
    readonly writer: SessionWriter;
    readonly onLost: (error: Error) => void;
  }) {
    const { store, writer, onLost } = options;
    // A clock of its own: it writes when time passes, and must not take from what a turn records.
    this.#live = new LiveLog({ store, writer, now: () => Date.now(), schedule, onLost });
  }

  emit(event: EngineEvent): void {
    this.#broadcast.emit(event);
    this.#live.push(event);
  }

  subscribe(listener: (event: EngineEvent) => void): () => void {
    return this.#broadcast.subscribe(listener);
  }

  /** Everything from now on, for one reader. */
  listen(options: { readonly limit?: number | undefined } = {}): EventQueue {
    const queue = new EventQueue({
      ...options,
      onClose: () => {
        leave();
        this.#queues.delete(queue);
      },
    });
    const leave = this.#broadcast.subscribe((event) => queue.push(event));
    this.#queues.add(queue);
    if (this.#isOver) queue.close();
    return queue;
  }

  /** What is in the store by now. */
  settle(leafId: string | null, draft: Draft | null): void {
    this.#live.settle(leafId, draft);
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    for (const queue of this.#queues) queue.close();
    this.#live[Symbol.dispose]();
  }
}

/** It keeps no process alive that has nothing else to do. */
function schedule(delayMs: number, act: () => void): () => void {
  const timer = setTimeout(act, delayMs).unref();
  return () => clearTimeout(timer);
}
