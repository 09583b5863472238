import { CoreError } from "../errors.ts";
import type { LaneName } from "../events/engine-event.ts";
import type { DeadLetter, DeadLetters } from "./dead-letters.ts";
import type { HostCap } from "./host-cap.ts";
import { defaultLaneHandler, type LaneHandler, parseLaneHandler } from "./lane-handler.ts";
import type { LaneJob } from "./lane-job.ts";
import { type LaneLimitOptions, type LaneLimits, laneNames, parseLaneLimits } from "./lane-limits.ts";
import { LaneMetrics, type LaneMetricsSnapshot } from "./lane-metrics.ts";
import { PathOrder, type PathTicket } from "./path-order.ts";
import { type Attempted, runAttempts } from "./run-attempts.ts";

export interface LaneQueueOptions extends LaneLimitOptions {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Absent: off. */
  readonly metrics?: "on" | "off" | undefined;
  /** Takes the calls that are given up on. Absent: nobody does. */
  readonly deadLetters?: DeadLetters | undefined;
  /** A bound that this queue shares with others. What is run outside does not count there. */
  readonly hostCap?: HostCap | undefined;
}

/** A queue as it is at one moment. */
export interface LaneQueueStats {
  readonly pending: number;
  readonly active: number;
  /** Those of `active` that are run outside. */
  readonly externalPending: number;
  readonly lanes: Readonly<Record<LaneName, LaneStatus>>;
}

export interface LaneStatus {
  readonly pending: number;
  readonly active: number;
  readonly cap: number;
  readonly mode: LaneHandler["mode"];
}

/**
 * Says when the work of one session runs. Each lane has its slots; for a slot that lanes compete for, the earlier lane
 * goes first, and within a lane what came first. Work that touches the same paths is kept apart and in the order it
 * was submitted, across lanes; it holds up nothing else. Nothing runs before `start`.
 */
export class LaneQueue {
  readonly #options: LaneQueueOptions;
  readonly #limits: LaneLimits;
  readonly #metrics: LaneMetrics | null;
  readonly #paths = new PathOrder();
  readonly #handlers = new Map<LaneName, LaneHandler>();
  readonly #waiting: Readonly<Record<LaneName, Set<Entry>>>;
  readonly #running = new Map<Entry, Promise<void>>();
  readonly #active: Record<LaneName, number> = { control: 0, query: 0, execute: 0, generate: 0 };
  #state: "new" | "open" | "stopped" = "new";

  /** @throws {CoreError} `bad_option` for a limit that is no whole number above zero. */
  constructor(options: LaneQueueOptions) {
    this.#options = options;
    this.#limits = parseLaneLimits(options);
    this.#metrics = options.metrics === "on" ? new LaneMetrics() : null;
    this.#waiting = { control: new Set(), query: new Set(), execute: new Set(), generate: new Set() };
  }

  /** Lets work run. Starting twice is harmless; a stopped queue takes work again. */
  start(): void {
    this.#state = "open";
    this.#fillSlots();
  }

  /**
   * Takes no more work, rejects what waits with `session_ended`, and lets what runs end. Resolves when it has.
   */
  async stop(): Promise<void> {
    this.#state = "stopped";
    this.#options.hostCap?.forget(this.#fillSlots);
    for (const lane of laneNames) {
      for (const entry of this.#waiting[lane]) this.#drop(entry, endedError());
    }
    await Promise.all(this.#running.values());
  }

  /**
   * Runs a job when its turn has come, and settles as it does. Rejects with `signal.reason` when it is aborted while it
   * waits.
   *
   * @throws {CoreError} `session_ended` after `stop`; `bad_option` for retries that are no whole number.
   */
  run<T>(job: LaneJob<T>): Promise<T> {
    if (this.#state === "stopped") return Promise.reject(endedError());
    if (job.signal.aborted) return Promise.reject(job.signal.reason);
    const { retries = 0 } = job;
    if (!Number.isSafeInteger(retries) || retries < 0) {
      const message = `retries are a whole number of at least 0, not ${String(retries)}`;
      return Promise.reject(new CoreError("bad_option", message));
    }
    return new Promise<T>((resolve, reject) => {
      const handler = this.getHandler(job.lane);
      const onAbort = (): void => {
        this.#drop(entry, job.signal.reason);
        this.#fillSlots();
      };
      const entry: Entry = {
        lane: job.lane,
        handler,
        place: this.#paths.enter(job),
        submittedAtMs: this.#options.now(),
        leaveWaiting: () => job.signal.removeEventListener("abort", onAbort),
        reject,
        conduct: async () => {
          const attempted = await runAttempts(job, handler);
          this.#end(entry, job, attempted);
          if (attempted.result.kind === "value") resolve(attempted.result.value);
          else reject(attempted.result.error);
        },
      };
      job.signal.addEventListener("abort", onAbort, { once: true });
      this.#waiting[job.lane].add(entry);
      this.#metrics?.submit(job.lane);
      this.#fillSlots();
    });
  }

  /**
   * Says who runs the calls of a lane from now on. What is in the queue already stays with whom it was submitted to.
   *
   * @throws {CoreError} `bad_option` for an unknown mode or a time limit out of range.
   */
  setHandler(lane: LaneName, handler: LaneHandler): void {
    this.#handlers.set(lane, parseLaneHandler(handler));
  }

  getHandler(lane: LaneName): LaneHandler {
    return this.#handlers.get(lane) ?? defaultLaneHandler;
  }

  stats(): LaneQueueStats {
    const status = (lane: LaneName): LaneStatus => ({
      pending: this.#waiting[lane].size,
      active: this.#active[lane],
      cap: this.#limits.caps[lane],
      mode: this.getHandler(lane).mode,
    });
    return {
      pending: this.#countWaiting(),
      active: this.#running.size,
      externalPending: [...this.#running.keys()].filter(({ handler }) => handler.mode === "external").length,
      lanes: {
        control: status("control"),
        query: status("query"),
        execute: status("execute"),
        generate: status("generate"),
      },
    };
  }

  /** Null when metrics are off. */
  metrics(): LaneMetricsSnapshot | null {
    return this.#metrics?.read((lane) => ({ depth: this.#waiting[lane].size, active: this.#active[lane] })) ?? null;
  }

  /** The calls that were given up on, the oldest first. Empty when nobody keeps them. */
  deadLetters(): readonly DeadLetter[] {
    return this.#options.deadLetters?.list() ?? [];
  }

  #countWaiting(): number {
    return laneNames.reduce((sum, lane) => sum + this.#waiting[lane].size, 0);
  }

  /** An arrow, for it is also what a shared bound calls, and is forgotten by. */
  readonly #fillSlots = (): void => {
    while (this.#state === "open" && this.#running.size < this.#limits.maxTotal) {
      const entry = this.#takeNext();
      if (entry === null) return;
      entry.leaveWaiting();
      this.#active[entry.lane] += 1;
      // Registered before it runs, for what it does at once may come back here.
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#running.set(entry, promise);
      entry.conduct().then(resolve, resolve);
    }
  };

  /** The next one that may start, with its slot in the shared bound. */
  #takeNext(): Entry | null {
    for (const lane of laneNames) {
      if (this.#active[lane] >= this.#limits.caps[lane]) continue;
      for (const entry of this.#waiting[lane]) {
        if (!entry.place.isClear) continue;
        const isHere = entry.handler.mode !== "external";
        if (isHere && this.#options.hostCap?.take(lane, this.#fillSlots) === false) break;
        this.#waiting[lane].delete(entry);
        return entry;
      }
    }
    return null;
  }

  #drop(entry: Entry, reason: unknown): void {
    entry.leaveWaiting();
    this.#waiting[entry.lane].delete(entry);
    this.#paths.leave(entry.place);
    this.#metrics?.end(entry.lane, "cancelled", 0);
    entry.reject(reason);
  }

  #end<T>(entry: Entry, job: LaneJob<T>, { attempts, failure }: Attempted<T>): void {
    const { lane, name, callId } = job;
    const nowMs = this.#options.now();
    const outcome = failure === null ? "completed" : job.signal.aborted ? "cancelled" : "failed";
    this.#metrics?.end(lane, outcome, Math.max(0, nowMs - entry.submittedAtMs));
    this.#running.delete(entry);
    this.#active[lane] -= 1;
    this.#paths.leave(entry.place);
    if (entry.handler.mode !== "external") this.#options.hostCap?.release(lane);
    if (outcome === "failed" && callId !== undefined) {
      this.#options.deadLetters?.add({ callId, name, lane, error: failure ?? "", attempts, failedAtMs: nowMs });
    }
    this.#fillSlots();
  }
}

interface Entry {
  readonly lane: LaneName;
  readonly handler: LaneHandler;
  readonly place: PathTicket;
  readonly submittedAtMs: number;
  readonly leaveWaiting: () => void;
  readonly reject: (reason: unknown) => void;
  readonly conduct: () => Promise<void>;
}

const endedError = (): CoreError => new CoreError("session_ended", "the queue of this session takes no more work");
