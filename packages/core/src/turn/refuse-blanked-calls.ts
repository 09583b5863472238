import type { AssistantContent } from "../store/entry.ts";
import { conductCall } from "./conduct-call.ts";
import type { TurnContext } from "./turn-context.ts";

/**
 * Of an answer that an earlier process left: calls that had a secret in their arguments are kept without it, so that they
 * cannot run as they were meant. The model reads so, and can make them again.
 */
export async function refuseBlankedCalls(turn: TurnContext, { toolCalls }: AssistantContent): Promise<void> {
  for (const call of toolCalls) {
    const state = turn.transcript.calls.get(call.callId)?.state;
    if (state === "finished" || state === "started" || !marker.test(call.argumentsJson)) continue;
    await conductCall(turn, call, { kind: "invalid", input: call.argumentsJson, message: blankedNote });
  }
}

/** As the guard leaves it in the place of a secret. */
const marker = /\[secret: [^\]]*\]/;

const blankedNote =
  "[This call was not run: Koda was interrupted before it started, and the secret in its arguments was not kept. Make the call again if it is still wanted.]";
