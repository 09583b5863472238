import { CoreError } from "../errors.ts";

/**
 * Refuses what the lasting store's tables refuse, so that nothing works in memory alone.
 *
 * @throws {CoreError} `store_rejected` for a number that is not whole, or a word that is not one of its choices.
 */
export function checkRow(row: {
  readonly whole?: readonly (number | null)[];
  /** Each with its choices, between spaces. */
  readonly chosen?: readonly (readonly [word: string, choices: string])[];
}): void {
  for (const number of row.whole ?? []) {
    if (number !== null && !Number.isSafeInteger(number)) {
      throw new CoreError("store_rejected", `not a number that can be kept: ${number}`);
    }
  }
  for (const [word, choices] of row.chosen ?? []) {
    if (!choices.split(" ").includes(word)) {
      throw new CoreError("store_rejected", `not one of ${choices}: ${JSON.stringify(word)}`);
    }
  }
}

/** A copy that nobody can change: neither who gave the value, nor who is handed it. */
export function toKept<T>(value: T): T {
  return freeze(structuredClone(value));
}

function freeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const item of Object.values(value)) freeze(item);
  return Object.freeze(value);
}
