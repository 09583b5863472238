import type { ModelToolCall } from "../ports/llm-provider.ts";
import { mayRunAgain } from "./calls-left.ts";
import { clearInterruptedWrite } from "./clear-interrupted-write.ts";
import { conductCall } from "./conduct-call.ts";
import { readyCall } from "./ready-call.ts";
import type { TurnContext } from "./turn-context.ts";

/**
 * Runs again the calls that may, mostly read-only ones, that were running when the process of the turn before this one
 * died, one after the other, judged by the mode and rules of now. Calls that may have changed something stay as they are: their outcome is
 * unknown. Only the turn right before is looked at, so a call that brings the process down does so once more at most.
 */
export async function rerunInterruptedReads(turn: TurnContext): Promise<void> {
  for (const requested of findInterrupted(turn)) {
    if (turn.signal.aborted) return;
    const ready = await readyCall(turn, requested);
    if (ready.kind === "ready" && !mayRunAgain(turn, ready.call)) await clearInterruptedWrite(turn, ready.call);
    else if (ready.kind === "ready") await turn.clock.during("tool", () => conductCall(turn, requested, ready));
  }
}

function findInterrupted({ transcript, turnId }: TurnContext): readonly ModelToolCall[] {
  const last = transcript.entries.findLast((entry) => entry.turnId !== turnId);
  if (last === undefined || last.content.kind === "turn-end") return [];
  return transcript.entries
    .filter((entry) => entry.turnId === last.turnId)
    .flatMap(({ content }) => (content.kind === "assistant" ? content.toolCalls : []))
    .filter(({ callId }) => transcript.calls.get(callId)?.state === "started");
}
