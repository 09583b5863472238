import { laneOf } from "../lanes/lane-of.ts";
import type { ModelToolCall } from "../ports/llm-provider.ts";
import { clearInterruptedWrite } from "./clear-interrupted-write.ts";
import type { PreparedCall } from "./judge-call.ts";
import { prepareCall } from "./prepare-call.ts";
import { mayHaveRun } from "./to-model-messages.ts";
import type { TurnContext } from "./turn-context.ts";

/**
 * The calls of an answer that are still to be run. All of them, unless an earlier process died among them: a finished
 * call has its result, and one that {@link mayRunAgain} does. One that may have changed something does not: its
 * outcome is unknown, and what was to follow it is left to the model, which reads that.
 */
export async function callsLeft(turn: TurnContext, calls: readonly ModelToolCall[]): Promise<readonly ModelToolCall[]> {
  const left: ModelToolCall[] = [];
  for (const call of calls) {
    const record = turn.transcript.calls.get(call.callId);
    if (record?.state === "finished") continue;
    if (mayHaveRun(record)) {
      const prepared = await prepareCall(turn, call);
      if (prepared.kind !== "ready") break;
      if (!mayRunAgain(turn, prepared.call)) {
        await clearInterruptedWrite(turn, prepared.call);
        break;
      }
    }
    left.push(call);
  }
  return left;
}

/**
 * Whether a call that was running when its process died may run again: when it changes nothing, or when somebody outside
 * was given it, so that it is the same task that is waited for.
 */
export function mayRunAgain(turn: TurnContext, { callId, tool, assessment }: PreparedCall): boolean {
  const { effect } = assessment;
  if (effect === "read-only") return true;
  const lane = laneOf({ kind: "tool-call", tool, effect });
  return turn.lanes.getHandler(lane).mode === "external" && turn.tasks.holds(callId);
}
