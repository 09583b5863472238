import type { ModelToolCall } from "../ports/llm-provider.ts";
import { prepareCall } from "./prepare-call.ts";
import type { TurnContext } from "./turn-context.ts";

/**
 * The calls of an answer that are still to be run. All of them, unless an earlier process died among them: a finished
 * call has its result, and a read-only one that was running runs again. One that may have changed something does not: its
 * outcome is unknown, and what was to follow it is left to the model, which reads that.
 */
export async function callsLeft(turn: TurnContext, calls: readonly ModelToolCall[]): Promise<readonly ModelToolCall[]> {
  const left: ModelToolCall[] = [];
  for (const call of calls) {
    const state = turn.transcript.calls.get(call.callId)?.state;
    if (state === "finished") continue;
    if (state === "started" && !(await isReadOnly(turn, call))) break;
    left.push(call);
  }
  return left;
}

async function isReadOnly(turn: TurnContext, call: ModelToolCall): Promise<boolean> {
  const prepared = await prepareCall(turn, call);
  return prepared.kind === "ready" && prepared.call.assessment.effect === "read-only";
}
