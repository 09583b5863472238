/** Takes what a session says. */
export type Listener<Event> = (event: Event) => void;

/**
 * Tells every listener every event, in order. A listener that throws harms no other, and is told the next event too.
 * One that is added or removed while an event is told takes effect with the next event.
 */
export class Broadcast<Event> {
  readonly #listeners = new Set<{ readonly listener: Listener<Event> }>();

  /** The result ends the subscription; calling it again does nothing. The same function may be added twice. */
  subscribe(listener: Listener<Event>): () => void {
    const subscription = { listener };
    this.#listeners.add(subscription);
    return () => {
      this.#listeners.delete(subscription);
    };
  }

  emit(event: Event): void {
    for (const { listener } of [...this.#listeners]) {
      try {
        listener(event);
      } catch {
        // The fault is the listener's own; the session and the other listeners lose nothing by it.
      }
    }
  }
}
