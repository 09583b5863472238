import type { AttachItem } from "../../src/attach/attach-item.ts";
import { type AttachOptions, attachSession } from "../../src/attach/attach-session.ts";
import type { ObservedStore } from "../../src/attach/read-state.ts";

/** Waits of 50 ms after which nothing that was to come is missing: the owner is looked for every twentieth. */
const enoughWaits = 25;

/** Looks on at `session-1` without waiting for real: it stands still once it has waited long enough for nothing. */
export class Observer implements AsyncDisposable {
  /** Where to go on. */
  cursor: string | undefined;
  readonly #stop = new AbortController();
  readonly #reading: Promise<void>;
  readonly #elapse: () => void;
  #items: AttachItem[] = [];
  #waits = 0;
  #quiet = Promise.withResolvers<void>();
  #gate = Promise.withResolvers<void>();

  /** `elapse` is called when 100 ms have passed without anything new. */
  constructor(store: ObservedStore, options: Partial<AttachOptions> & { readonly elapse?: () => void } = {}) {
    this.cursor = options.cursor;
    this.#elapse = options.elapse ?? (() => undefined);
    this.#reading = this.#read({
      store,
      sessionId: "session-1",
      signal: this.#stop.signal,
      isAlive: () => true,
      effects: { now: () => 1, sleep: () => this.#wait() },
      ...options,
    });
  }

  /** What has come since the last time. Rejects with what ended it. */
  async news(): Promise<AttachItem[]> {
    await this.#quiet.promise;
    const news = this.#items;
    this.#items = [];
    this.#quiet = Promise.withResolvers();
    this.#waits = 0;
    this.#gate.resolve();
    this.#gate = Promise.withResolvers();
    await this.#quiet.promise;
    return [...news, ...this.#items.splice(0)];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#gate.resolve();
    await this.#reading;
  }

  async #read(options: AttachOptions): Promise<void> {
    try {
      for await (const item of attachSession(options)) {
        if ("cursor" in item) this.cursor = item.cursor;
        this.#items.push(item);
        this.#waits = 0;
      }
    } catch (error) {
      // Nobody may ask any more.
      this.#quiet.promise.catch(() => undefined);
      this.#quiet.reject(error);
    }
  }

  async #wait(): Promise<void> {
    this.#waits += 1;
    if (this.#waits === 2) this.#elapse();
    if (this.#waits > enoughWaits) {
      this.#quiet.resolve();
      await this.#gate.promise;
    }
    this.#stop.signal.throwIfAborted();
  }
}
