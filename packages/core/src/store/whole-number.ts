import { CoreError } from "../errors.ts";

/**
 * `value` as the stores keep it: rounded.
 *
 * @throws {CoreError} `store_rejected` when it is no number that can be kept whole.
 */
export function toWholeNumber(value: number): number {
  const rounded = Math.round(value);
  if (!Number.isSafeInteger(rounded)) throw new CoreError("store_rejected", `not a number that can be kept: ${value}`);
  return rounded;
}

/** As {@link toWholeNumber}; null stays null, and absent becomes it. */
export function toWholeNumberOrNull(value: number | null | undefined): number | null {
  return value === null || value === undefined ? null : toWholeNumber(value);
}
