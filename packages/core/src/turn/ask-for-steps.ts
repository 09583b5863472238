import type { EngineCommand } from "../events/engine-command.ts";
import type { TurnContext } from "./turn-context.ts";
import { toWaitKey } from "./turn-keys.ts";

type StepsCommand = Extract<EngineCommand, { type: "grant-steps" }>;

/** Asks for more steps after `steps` of them. Zero: the turn is to end. Nobody there to ask: zero. */
export async function askForSteps(turn: TurnContext, steps: number): Promise<number> {
  if (turn.approvals === "reject") return 0;
  const requestId = `steps_${turn.turnNumber}_${steps}`;
  const answer = turn.effects.wait<StepsCommand>(toWaitKey(turn.sessionId, requestId), { signal: turn.signal });
  turn.emit({ type: "loop-cap-reached", requestId, steps });
  const command = await turn.clock.during("wait", () => answer);
  return command?.steps ?? 0;
}
