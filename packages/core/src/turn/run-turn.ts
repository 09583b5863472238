import { CoreError } from "../errors.ts";
import type { EngineEvent } from "../events/engine-event.ts";
import type { EventQueue } from "../events/event-queue.ts";
import type { TurnOutcome } from "../store/turn-outcome.ts";
import { checkGoal } from "./check-goal.ts";
import { driveTurn } from "./drive-turn.ts";
import { tellProviders } from "./gather-context.ts";
import type { TurnContext } from "./turn-context.ts";
import { toStoppedOutcome } from "./turn-stop.ts";

/**
 * One turn as its events: `turn-start` first, `turn-end` last, each exactly once, whatever happens between them.
 * `events` is where `turn.emit` puts what it is given; `stop` aborts `turn.signal`, and is used when the reader leaves;
 * `onOver` is told when nothing of it runs any more, even if nobody reads.
 */
export async function* runTurn(
  turn: TurnContext,
  { events, stop, onOver }: { readonly events: EventQueue; readonly stop: () => void; readonly onOver: () => void },
): AsyncGenerator<EngineEvent, void> {
  const work = conductTurn(turn).finally(() => {
    events.close();
    onOver();
  });
  try {
    yield* events;
  } finally {
    stop();
    await work;
  }
}

async function conductTurn(turn: TurnContext): Promise<void> {
  const { turnId, turnNumber, prompt, isContinued, transcript } = turn;
  turn.emit({ type: "turn-start", turnId, turnNumber, prompt, isContinued });
  turn.acceptPrompt();
  const outcome = await reachOutcome(turn);
  turn.plan?.close();
  if (outcome.kind === "complete") {
    await checkGoal(turn, outcome.text);
    tellProviders(turn, outcome.text);
  }
  // A paused turn has no end yet: it goes on with the session.
  if (outcome.kind !== "paused") transcript.append(turnId, { kind: "turn-end", outcome });
  turn.emit({ type: "turn-end", turnId, outcome, timing: turn.clock.read() });
}

async function reachOutcome(turn: TurnContext): Promise<TurnOutcome> {
  try {
    const outcome = await driveTurn(turn);
    return outcome.kind === "cancelled" ? toStoppedOutcome(turn.signal.reason) : outcome;
  } catch (error) {
    if (turn.signal.aborted) return toStoppedOutcome(turn.signal.reason);
    const code = error instanceof CoreError ? error.code : "internal";
    return { kind: "error", code, message: error instanceof Error ? error.message : String(error) };
  }
}
