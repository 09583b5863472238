import type { TurnOutcome } from "../store/turn-outcome.ts";

/** Why a turn was aborted, when nobody cancelled it: the reason of its signal. */
export class TurnStop extends Error {
  override readonly name = "TurnStop";
  readonly outcome: TurnOutcome;

  constructor(outcome: Extract<TurnOutcome, { readonly message: string }>) {
    super(outcome.message);
    this.outcome = outcome;
  }
}

/** The outcome of a turn whose signal was aborted with `reason`. */
export const toStoppedOutcome = (reason: unknown): TurnOutcome =>
  reason instanceof TurnStop ? reason.outcome : { kind: "cancelled" };
