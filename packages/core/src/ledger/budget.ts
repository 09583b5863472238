import { CoreError } from "../errors.ts";
import type { TurnLimit } from "../store/turn-outcome.ts";

/** What a turn may use. An absent bound is none. */
export interface TurnBudget {
  /** Millionths of a dollar, over everything the turn asks models for. */
  readonly maxCostMicros?: number | undefined;
  readonly maxTurnMs?: number | undefined;
  readonly maxSteps?: number | undefined;
}

/** What a turn has used so far. */
export interface TurnSpending {
  /** The sum over the requests whose price is known. */
  readonly costMicros: number;
  /** Requests that reported tokens and whose price is not known. */
  readonly unpricedRequests: number;
  readonly elapsedMs: number;
  /** Steps that have ended. */
  readonly steps: number;
}

export type BudgetVerdict =
  /** `warning`: a sentence for the user when a bound cannot be kept; the same on every step, so tell it once. */
  | { readonly kind: "go-on"; readonly warning: string | null }
  | { readonly kind: "limit"; readonly limit: TurnLimit; readonly message: string };

/**
 * Decides between two steps whether another may begin. A bound is reached when as much is used as it says. The step
 * that reaches it has run to its end, so a turn may use more than its bound by what one step uses.
 */
export function decideBudget(budget: TurnBudget, spent: TurnSpending): BudgetVerdict {
  const { maxCostMicros, maxTurnMs, maxSteps } = budget;
  if (maxCostMicros !== undefined && spent.costMicros >= maxCostMicros) {
    const message = `stopped: the turn cost ${toDollars(spent.costMicros)} of the ${toDollars(maxCostMicros)} it may cost`;
    return { kind: "limit", limit: "max-cost", message };
  }
  if (maxTurnMs !== undefined && spent.elapsedMs >= maxTurnMs) {
    const message = `stopped: the turn took ${toSeconds(spent.elapsedMs)} of the ${toSeconds(maxTurnMs)} it may take`;
    return { kind: "limit", limit: "timeout", message };
  }
  if (maxSteps !== undefined && spent.steps >= maxSteps) {
    return { kind: "limit", limit: "max-turns", message: `stopped after ${spent.steps} steps without being done` };
  }
  const isBlind = maxCostMicros !== undefined && spent.unpricedRequests > 0;
  return { kind: "go-on", warning: isBlind ? cannotEnforceCost : null };
}

/** @throws {CoreError} `bad_option` for a bound that is not above zero, or steps that are not whole. */
export function checkBudget(budget: TurnBudget): void {
  for (const [name, value] of Object.entries({ ...budget })) {
    if (value === undefined) continue;
    const isGood = name === "maxSteps" ? Number.isSafeInteger(value) && value > 0 : Number.isFinite(value) && value > 0;
    if (!isGood) throw new CoreError("bad_option", `${name} must be above zero, not ${String(value)}`);
  }
}

const cannotEnforceCost =
  "the price of this model is not known, so the limit on cost cannot be enforced; its tokens are counted";

/** With as many digits as a small amount needs: `$0.50`, `$0.0031`. */
function toDollars(micros: number): string {
  const dollars = micros / 1_000_000;
  return `$${dollars >= 0.1 ? dollars.toFixed(2) : dollars.toFixed(4)}`;
}

function toSeconds(durationMs: number): string {
  return `${Math.round(durationMs / 100) / 10} s`;
}
