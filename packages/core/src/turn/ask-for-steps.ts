import { z } from "zod";
import { askOutside } from "./ask-outside.ts";
import type { TurnContext } from "./turn-context.ts";

/** Asks for more steps after `steps` of them. Zero: the turn is to end. Nobody there to ask: zero. */
export async function askForSteps(turn: TurnContext, steps: number): Promise<number> {
  if (turn.approvals === "reject") return 0;
  const requestId = `steps_${turn.turnNumber}_${steps}`;
  const request = { type: "loop-cap-reached", requestId, steps } as const;
  return (await askOutside(turn, { requestId, callId: null, kind: "steps", request, parse })) ?? 0;
}

function parse(value: unknown): number | null {
  const answer = stepsAnswer.safeParse(value);
  return answer.success ? answer.data.steps : null;
}

const stepsAnswer = z.object({ type: z.literal("grant-steps"), steps: z.literal([0, 50, 200]) });
