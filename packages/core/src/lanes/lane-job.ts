import type { LaneName } from "../events/engine-event.ts";
import type { LaneHandler } from "./lane-handler.ts";
import type { PathUse } from "./path-order.ts";

/** One piece of work for a queue. It must not wait for another one of the same queue: that may never start. */
export interface LaneJob<T> extends PathUse {
  readonly lane: LaneName;
  /** For messages: the tool. */
  readonly name: string;
  /** The call that it is. Only a call can become a dead letter; absent, it is none. */
  readonly callId?: string | undefined;
  /** Aborted while it waits, it never starts. While it runs, `run` is to listen. */
  readonly signal: AbortSignal;
  /** How often it is run again after a failure. Only for work that may happen twice. Absent: 0. */
  readonly retries?: number | undefined;
  /** Runs it, as the handler says that its lane had when it was submitted. */
  readonly run: (attempt: LaneAttempt) => Promise<T>;
  /** Why a result counts as a failure; null when it does not. Absent: only rejections are failures. */
  readonly failureOf?: ((result: T) => string | null) | undefined;
}

export interface LaneAttempt {
  /** From 1. */
  readonly attempt: number;
  readonly handler: LaneHandler;
}
