import { makePlan } from "../planning/make-plan.ts";
import type { Plan } from "../planning/plan.ts";
import { PlanTracker } from "../planning/plan-tracker.ts";
import type { TurnContext } from "./turn-context.ts";

/**
 * Has the model say how it will go about the prompt, before its first step, and reminds it of that. Null when planning is
 * off, or when no plan came of it: then the turn goes on without one.
 */
export async function planTurn(turn: TurnContext): Promise<PlanTracker | null> {
  if (!turn.isPlanning) return null;
  const plan = await makePlan(turn.prompt, { complete: turn.complete, signal: turn.signal });
  if (plan === null) return null;
  turn.transcript.append(turn.turnId, { kind: "user", source: "guard", text: toPlanNote(plan) });
  return new PlanTracker(plan, turn.emit);
}

function toPlanNote({ goal, steps }: Plan): string {
  const lines = steps.map(({ id, text }) => `${id}. ${text}`);
  return `[Note from Koda, not from the user: this is the plan you made. Goal: ${goal}\n${lines.join("\n")}\nMark each step with UpdatePlan as you begin and end it.]`;
}
