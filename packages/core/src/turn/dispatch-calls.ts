import type { ModelToolCall } from "../ports/llm-provider.ts";
import { askApproval } from "./ask-approval.ts";
import { type CallOutcome, callTool, neverRunNote } from "./call-tool.ts";
import { hookAfter, hookBefore } from "./hook-call.ts";
import { judgeCall, type PreparedCall } from "./judge-call.ts";
import { type Preparation, prepareCall } from "./prepare-call.ts";
import type { TurnContext } from "./turn-context.ts";
import { toUnrun } from "./unrun-call.ts";

const maxParallelReads = 4;

/**
 * Runs the calls of one step. Read-only calls that need no answer run side by side, at most four; anything else runs
 * alone and in order. Ends early when the turn is aborted: calls that have not started then never do.
 */
export async function dispatchCalls(turn: TurnContext, calls: readonly ModelToolCall[]): Promise<void> {
  let reads: (() => Promise<void>)[] = [];
  for (const requested of calls) {
    if (turn.signal.aborted) return;
    const prepared = await prepareCall(turn, requested);
    const job = (): Promise<void> => conductCall(turn, requested, prepared);
    if (mayRunBeside(turn, prepared)) {
      reads.push(job);
      continue;
    }
    await runParallel(turn, reads);
    reads = [];
    if (turn.signal.aborted) return;
    await turn.clock.during("tool", job);
  }
  await runParallel(turn, reads);
}

function mayRunBeside(turn: TurnContext, prepared: Preparation): boolean {
  if (prepared.kind === "invalid") return true;
  return prepared.call.assessment.effect === "read-only" && judgeCall(turn, prepared.call).kind !== "ask";
}

async function runParallel(turn: TurnContext, jobs: readonly (() => Promise<void>)[]): Promise<void> {
  if (jobs.length === 0) return;
  const queue = jobs.values();
  const work = async (): Promise<void> => {
    for (const job of queue) {
      if (turn.signal.aborted) return;
      await job();
    }
  };
  await turn.clock.during("tool", async () => {
    await Promise.all(Array.from({ length: Math.min(maxParallelReads, jobs.length) }, work));
  });
}

/** One call from its start event to its end event, and its result in the journal before the end is told. */
export async function conductCall(
  turn: TurnContext,
  { callId, name }: ModelToolCall,
  prepared: Preparation,
): Promise<void> {
  const isReady = prepared.kind === "ready";
  turn.emit({
    type: "tool-call-start",
    callId,
    name: isReady ? prepared.call.tool.name : name,
    input: turn.guard.redactValue(isReady ? prepared.call.input : prepared.input),
    subject: turn.guard.redact(isReady ? prepared.call.assessment.subject : name),
    effect: isReady ? prepared.call.assessment.effect : "read-only",
  });
  const { exitCode, ...result }: CallOutcome = isReady
    ? await conductReady(turn, prepared.call)
    : toUnrun("error", prepared.message);
  turn.transcript.finishCall(callId, result);
  const { fullTextHash: _, ...told } = result;
  turn.emit({ type: "tool-call-end", callId, ...told, ...(exitCode === undefined ? {} : { exitCode }) });
}

/** With the hooks before and after it. */
async function conductReady(turn: TurnContext, call: PreparedCall): Promise<CallOutcome> {
  const hooked = await hookBefore(turn, call);
  if (hooked.kind === "blocked") return hooked.result;
  const result = await decideAndRun(turn, hooked.call);
  await hookAfter(turn, hooked.call, result);
  return result;
}

async function decideAndRun(turn: TurnContext, call: PreparedCall): Promise<CallOutcome> {
  const decision = judgeCall(turn, call);
  turn.transcript.decideCall(call.callId, { kind: decision.kind, reason: decision.reason });
  if (decision.kind === "block") return toUnrun("blocked", `Blocked: ${decision.reason}`);
  if (decision.kind === "run") return callTool(turn, call);
  try {
    const answer = await askApproval(turn, call, decision);
    if (answer.kind === "rejected") return toUnrun("rejected", answer.text);
    turn.guard.noteApproval({ effect: call.assessment.effect });
  } catch (error) {
    if (!turn.signal.aborted) throw error;
    return toUnrun("cancelled", neverRunNote);
  }
  // The mode may have become stricter while the question was open; a yes does not reach over that.
  const verdict = judgeCall(turn, call);
  if (verdict.kind === "block") return toUnrun("blocked", `Blocked: ${verdict.reason}`);
  return callTool(turn, call);
}
