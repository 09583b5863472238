/**
 * A queue between one writer and one reader. What is pushed comes out in order; after `close` the reader gets what is
 * left and then the end. Pushing to a closed channel does nothing.
 */
export class Channel<Item> implements AsyncIterable<Item> {
  #items: Item[] = [];
  #isClosed = false;
  #wake: (() => void) | null = null;

  push(item: Item): void {
    if (this.#isClosed) return;
    this.#items.push(item);
    this.#wake?.();
  }

  close(): void {
    this.#isClosed = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void> {
    while (true) {
      const items = this.#items;
      this.#items = [];
      yield* items;
      if (this.#items.length > 0) continue;
      if (this.#isClosed) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
      this.#wake = null;
    }
  }
}
