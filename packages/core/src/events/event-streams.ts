import type { EngineEvent } from "./engine-event.ts";
import { EventQueue } from "./event-queue.ts";

/** The readers of one session, each with a bounded queue of its own: none slows the session or another. */
export class EventStreams {
  readonly #open = new Set<EventQueue>();

  /**
   * Everything that is told from now on, not from when reading begins. It ends when the streams are closed; leaving the
   * loop ends it at once. See {@link EventQueue} for `limit` and for what becomes of a slow reader.
   *
   * @throws {CoreError} `bad_option` for a limit that is no whole number from 1.
   */
  open(options: { readonly limit?: number | undefined } = {}): EventQueue {
    const queue: EventQueue = new EventQueue({ limit: options.limit, onClose: () => this.#open.delete(queue) });
    this.#open.add(queue);
    return queue;
  }

  push(event: EngineEvent): void {
    for (const queue of this.#open) queue.push(event);
  }

  /** Readers get what is left, and then the end. */
  close(): void {
    for (const queue of [...this.#open]) queue.close();
  }
}
