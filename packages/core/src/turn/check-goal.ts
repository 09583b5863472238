import type { TurnContext } from "./turn-context.ts";
import { toEffectKey } from "./turn-keys.ts";

/** Looks how much of the session's goal is met, now that a turn is complete. Does nothing without a goal. */
export async function checkGoal(turn: TurnContext, answer: string): Promise<void> {
  if (turn.goal === null) return;
  const key = toEffectKey(turn, "goal");
  const evidence = `The request was:\n${turn.prompt}\n\nThe answer was:\n${answer}`;
  const { signal } = turn;
  try {
    await turn.goal.check({ callId: key, evidence, isReadOnly: turn.trust.mode() === "plan", signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
