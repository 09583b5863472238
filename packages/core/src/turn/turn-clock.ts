import type { TurnTiming } from "../events/engine-event.ts";

type Activity = "own" | "model" | "tool" | "wait";

/** Where the time of a turn goes. At any instant a turn does one thing, so the parts add up to the whole. */
export class TurnClock {
  readonly #now: () => number;
  readonly #startedAtMs: number;
  readonly #spentMs = { own: 0, model: 0, tool: 0, wait: 0 };
  #activity: Activity = "own";
  #sinceMs: number;

  constructor(now: () => number) {
    this.#now = now;
    this.#startedAtMs = now();
    this.#sinceMs = this.#startedAtMs;
  }

  /** Books the time until `work` settles; what it interrupts is gone on with afterwards. */
  async during<T>(activity: Activity, work: () => Promise<T>): Promise<T> {
    const before = this.#activity;
    this.#turnTo(activity);
    try {
      return await work();
    } finally {
      this.#turnTo(before);
    }
  }

  read(): TurnTiming {
    this.#turnTo(this.#activity);
    return {
      totalMs: this.#sinceMs - this.#startedAtMs,
      modelMs: this.#spentMs.model,
      toolMs: this.#spentMs.tool,
      waitMs: this.#spentMs.wait,
      ownMs: this.#spentMs.own,
    };
  }

  #turnTo(activity: Activity): void {
    const nowMs = this.#now();
    this.#spentMs[this.#activity] += nowMs - this.#sinceMs;
    this.#sinceMs = nowMs;
    this.#activity = activity;
  }
}
