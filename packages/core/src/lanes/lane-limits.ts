import { CoreError } from "../errors.ts";
import type { LaneName } from "../events/engine-event.ts";

/** The lanes in their order: when several compete for a slot, the earlier one gets it. */
export const laneNames: readonly LaneName[] = ["control", "query", "execute", "generate"];

export interface LaneLimitOptions {
  /** How much of a lane may run at once. Absent: control 2, query 4, execute 2, generate 1. */
  readonly caps?: Partial<Readonly<Record<LaneName, number>>> | undefined;
  /** How much may run at once in all lanes together. Absent: the sum of the caps, so lanes do not compete. */
  readonly maxTotal?: number | undefined;
}

/** What may run at once, checked. */
export interface LaneLimits {
  readonly caps: Readonly<Record<LaneName, number>>;
  readonly maxTotal: number;
}

/** @throws {CoreError} `bad_option` for a limit that is no whole number above zero. */
export function parseLaneLimits(options: LaneLimitOptions): LaneLimits {
  const { control = 2, query = 4, execute = 2, generate = 1 } = options.caps ?? {};
  const caps = { control, query, execute, generate };
  for (const lane of laneNames) checkCap(`the cap of the lane ${lane}`, caps[lane]);
  const maxTotal = options.maxTotal ?? control + query + execute + generate;
  checkCap("the total of all lanes", maxTotal);
  return { caps, maxTotal };
}

/** @throws {CoreError} `bad_option`, naming `what`, unless `cap` is a whole number above zero. */
export function checkCap(what: string, cap: number): void {
  if (Number.isSafeInteger(cap) && cap >= 1) return;
  throw new CoreError("bad_option", `${what} is to be a whole number of at least 1, not ${String(cap)}`);
}
