import type { ModelToolCall } from "../ports/llm-provider.ts";
import { conductCall } from "./conduct-call.ts";
import type { ReadyCall } from "./hook-call.ts";
import { judgeCall } from "./judge-call.ts";
import { readyCall } from "./ready-call.ts";
import type { TurnContext } from "./turn-context.ts";

/**
 * Runs the calls of one step. Read-only calls that need no answer run side by side, as many as their lane takes; anything
 * else runs alone and in order. Ends early when the turn is aborted: calls that have not started then never do.
 */
export async function dispatchCalls(turn: TurnContext, calls: readonly ModelToolCall[]): Promise<void> {
  let reads: (() => Promise<void>)[] = [];
  for (const requested of calls) {
    if (turn.signal.aborted) return;
    const ready = await readyCall(turn, requested);
    const job = (): Promise<void> => conductCall(turn, requested, ready);
    if (mayRunBeside(turn, ready)) {
      reads.push(job);
      continue;
    }
    await runTogether(turn, reads);
    reads = [];
    if (turn.signal.aborted) return;
    await turn.clock.during("tool", job);
  }
  await runTogether(turn, reads);
}

function mayRunBeside(turn: TurnContext, ready: ReadyCall): boolean {
  if (ready.kind !== "ready") return true;
  return ready.call.assessment.effect === "read-only" && judgeCall(turn, ready.call).kind !== "ask";
}

async function runTogether(turn: TurnContext, jobs: readonly (() => Promise<void>)[]): Promise<void> {
  if (jobs.length === 0 || turn.signal.aborted) return;
  await turn.clock.during("tool", async () => {
    await Promise.all(jobs.map((job) => job()));
  });
}
