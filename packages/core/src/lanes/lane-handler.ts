import { CoreError } from "../errors.ts";

/**
 * Who runs the calls of a lane. `internal`: Koda. `external`: whoever embeds it, who is told by `external-task`.
 * `hybrid`: Koda, and its start and end are told too.
 */
export interface LaneHandler {
  readonly mode: "internal" | "external" | "hybrid";
  /** How long an external call may take. */
  readonly timeoutMs: number;
}

/** What a lane has until it is given another one. */
export const defaultLaneHandler: LaneHandler = Object.freeze({ mode: "internal", timeoutMs: 60_000 });

/** The longest time that a timer can hold. */
const maxTimeoutMs = 2 ** 31 - 1;

/** @throws {CoreError} `bad_option` for an unknown mode, or a time that is no whole number of milliseconds above zero. */
export function parseLaneHandler({ mode, timeoutMs }: LaneHandler): LaneHandler {
  if (mode !== "internal" && mode !== "external" && mode !== "hybrid") {
    throw new CoreError("bad_option", `a lane's mode is internal, external or hybrid, not ${JSON.stringify(mode)}`);
  }
  if (!Number.isSafeInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > maxTimeoutMs) {
    throw new CoreError("bad_option", `a lane's time limit is 1 to ${maxTimeoutMs} ms, not ${String(timeoutMs)}`);
  }
  return Object.freeze({ mode, timeoutMs });
}
