import type { ModelToolCall } from "../ports/llm-provider.ts";
import { askApproval } from "./ask-approval.ts";
import { type CallOutcome, callTool, neverRunNote } from "./call-tool.ts";
import type { ReadyCall } from "./hook-call.ts";
import { hookAfter } from "./hook-call.ts";
import { judgeCall, type PreparedCall } from "./judge-call.ts";
import type { TurnContext } from "./turn-context.ts";
import { toUnrun } from "./unrun-call.ts";

/** One call from its start event to its end event, and its result in the journal before the end is told. */
export async function conductCall(turn: TurnContext, { callId, name }: ModelToolCall, ready: ReadyCall): Promise<void> {
  turn.emit({ type: "tool-call-start", callId, ...toStart(turn, ready, name) });
  const { exitCode, ...settled } = await settleCall(turn, ready);
  // Koda's own words may repeat what the model or a person wrote; what a tool said was looked at when it came.
  const result = settled.origin === "koda" ? { ...settled, text: turn.guard.redact(settled.text) } : settled;
  turn.transcript.finishCall(callId, result);
  if (ready.kind === "ready") await hookAfter(turn, ready.call, result);
  const { fullTextHash: _, ...told } = result;
  turn.emit({ type: "tool-call-end", callId, ...told, ...(exitCode === undefined ? {} : { exitCode }) });
}

function toStart(turn: TurnContext, ready: ReadyCall, name: string) {
  if (ready.kind === "invalid") {
    return { name, input: turn.guard.redactValue(ready.input), subject: name, effect: "read-only" } as const;
  }
  const { tool, input, assessment } = ready.call;
  const subject = turn.guard.redact(assessment.subject);
  return { name: tool.name, input: turn.guard.redactValue(input), subject, effect: assessment.effect };
}

async function settleCall(turn: TurnContext, ready: ReadyCall): Promise<CallOutcome> {
  switch (ready.kind) {
    case "invalid":
      return toUnrun("error", ready.message);
    case "refused":
      return ready.result;
    case "ready":
      return await decideAndRun(turn, ready.call);
    default:
      return ready satisfies never;
  }
}

async function decideAndRun(turn: TurnContext, call: PreparedCall): Promise<CallOutcome> {
  const decision = judgeCall(turn, call);
  const { kind, reason } = decision;
  turn.transcript.decideCall(call.callId, { kind, reason: turn.guard.redact(reason) }, call.assessment.effect);
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
