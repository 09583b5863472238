import { CoreError } from "../errors.ts";
import type { Effects } from "../ports/effects.ts";
import type { LiveStore } from "../store/live-store.ts";
import type { SessionWriter } from "../store/session-record.ts";
import type { WaitKind, WaitRecord, WaitStore } from "../store/wait-store.ts";

/** How soon an answer that another process gave is seen. */
const pollMs = 100;

/**
 * The questions of one session. Each is a row that any process can answer while it is open, also while this one is dead;
 * whoever waits for it in this process waits through `Effects`, under the same key. The first answer stands. When the
 * store fails, a question can still be answered from this process.
 */
export class SessionWaits implements Disposable {
  readonly #writer: SessionWriter;
  readonly #store: WaitStore & LiveStore;
  readonly #effects: Pick<Effects, "resolve" | "now">;
  readonly #onLost: (error: CoreError) => void;
  readonly #open = new Map<string, WaitKind>();
  /** Those whose row is another question's, answered long ago: its answer must not become theirs. */
  readonly #unstored = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #marker = -1;

  constructor(options: {
    readonly writer: SessionWriter;
    readonly store: WaitStore & LiveStore;
    readonly effects: Pick<Effects, "resolve" | "now">;
    readonly onLost: (error: CoreError) => void;
  }) {
    this.#writer = options.writer;
    this.#store = options.store;
    this.#effects = options.effects;
    this.#onLost = options.onLost;
  }

  /** Call it after `Effects.wait`: an answer that was given before is delivered at once. */
  open(wait: Pick<WaitRecord, "key" | "turnId" | "callId" | "kind" | "payloadJson" | "deadlineMs">): void {
    this.#watch(wait.key, wait.kind);
    this.#try(() => {
      const createdAtMs = this.#effects.now();
      const known = this.#store.readWait(wait.key);
      // One whose time ran out while its process was dead takes no answer any more, and one that asked for something else
      // must not be answered for this: it is asked anew.
      const isOver = known !== null && known.deadlineMs !== null && known.deadlineMs <= createdAtMs;
      if (known?.state === "open" && (isOver || known.payloadJson !== wait.payloadJson)) {
        this.#store.closeWait(this.#writer, wait.key);
      }
      const isAnother = known?.state === "answered" && known.payloadJson !== wait.payloadJson;
      if (isAnother) this.#unstored.add(wait.key);
      else this.#store.openWait(this.#writer, { ...wait, createdAtMs });
    });
    this.#deliver(wait.key);
  }

  /** The store, for those who open waits of their own: what is opened through it is watched. */
  watching(): WaitStore {
    const store = this.#store;
    return {
      openWait: (writer, wait) => {
        store.openWait(writer, wait);
        this.#watch(wait.key, wait.kind);
      },
      closeWait: (writer, key) => {
        this.#unwatch(key);
        store.closeWait(writer, key);
      },
      readWait: (key) => store.readWait(key),
      answerWait: (key, answer) => {
        const isFirst = store.answerWait(key, answer);
        if (isFirst) this.#deliver(key);
        return isFirst;
      },
      listWaits: (sessionId, filter) => store.listWaits(sessionId, filter),
    };
  }

  /** An answer from this process. False when nobody waits for one of this kind, or someone was first. */
  answer(key: string, { kind, value }: { readonly kind: WaitKind; readonly value: unknown }): boolean {
    if (this.#open.get(key) !== kind) return false;
    try {
      const answer = { json: JSON.stringify(value), by: `process ${process.pid}`, nowMs: this.#effects.now() };
      if (!this.#store.answerWait(key, answer)) return this.#isUnstored(key) && this.#effects.resolve(key, value);
    } catch (error) {
      this.#report(error);
    }
    return this.#effects.resolve(key, value);
  }

  /** Ends the question. What was answered in the last moment, and not seen yet; null when nothing was. */
  close(key: string): unknown {
    const hasRow = !this.#unstored.has(key);
    if (hasRow) this.#try(() => this.#store.closeWait(this.#writer, key));
    const answer = this.#read(key);
    this.#unwatch(key);
    return answer;
  }

  [Symbol.dispose](): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #watch(key: string, kind: WaitKind): void {
    this.#open.set(key, kind);
    this.#timer ??= setInterval(() => this.#look(), pollMs).unref();
  }

  #unwatch(key: string): void {
    this.#open.delete(key);
    this.#unstored.delete(key);
    if (this.#open.size === 0) this[Symbol.dispose]();
  }

  #look(): void {
    this.#try(() => {
      const marker = this.#store.changeMarker();
      if (marker === this.#marker) return;
      this.#marker = marker;
      for (const key of this.#open.keys()) this.#deliver(key);
    });
  }

  #deliver(key: string): void {
    const answer = this.#read(key);
    if (answer !== null) this.#effects.resolve(key, answer);
  }

  #read(key: string): unknown {
    if (this.#unstored.has(key)) return null;
    try {
      const json = this.#store.readWait(key)?.answerJson ?? null;
      return json === null ? null : JSON.parse(json);
    } catch (error) {
      this.#report(error);
      return null;
    }
  }

  /** It has no row of its own: that could not be written when it was asked. */
  #isUnstored(key: string): boolean {
    return this.#unstored.has(key) || this.#store.readWait(key) === null;
  }

  #try(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#report(error);
    }
  }

  #report(error: unknown): void {
    this.#onLost(
      error instanceof CoreError
        ? error
        : new CoreError("store_failed", "a question could not be kept", { cause: error }),
    );
  }
}
