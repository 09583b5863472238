import type { EngineCommand } from "../events/engine-command.ts";
import { alwaysRuleFor } from "../trust/decide-call.ts";
import type { Decision } from "../trust/decision.ts";
import type { PreparedCall } from "./call-tool.ts";
import type { TurnContext } from "./turn-context.ts";
import { toWaitKey } from "./turn-keys.ts";

/** `text` is what the model reads. */
export type ApprovalAnswer = { readonly kind: "approved" } | { readonly kind: "rejected"; readonly text: string };

type ApprovalCommand = Extract<EngineCommand, { type: "approve" | "reject" }>;

/**
 * Asks whether a call may run, and waits for the answer as long as it takes. Where nobody can answer, that is a no.
 * "Always" is remembered for the project before the call runs. Rejects with `signal.reason` when the turn is aborted;
 * the question has ended then too.
 */
export async function askApproval(turn: TurnContext, call: PreparedCall, decision: Decision): Promise<ApprovalAnswer> {
  if (turn.approvals === "reject") return { kind: "rejected", text: toAutomaticNo(call, decision) };
  const requestId = `ask_${call.callId}`;
  const alwaysRule = alwaysRuleFor(call.tool.name, call.assessment);
  const answer = turn.effects.wait<ApprovalCommand>(toWaitKey(turn.sessionId, requestId), { signal: turn.signal });
  turn.emit({
    type: "approval-request",
    requestId,
    callId: call.callId,
    name: call.tool.name,
    subject: call.assessment.subject,
    effect: call.assessment.effect,
    reason: decision.reason,
    alwaysRule,
  });
  let outcome: "approved" | "rejected" = "rejected";
  try {
    const command = await turn.clock.during("wait", () => answer);
    if (command?.type !== "approve") return { kind: "rejected", text: toNo(command) };
    outcome = "approved";
    if (command.scope === "always" && alwaysRule !== null) turn.trust.allowAlways(alwaysRule);
    return { kind: "approved" };
  } finally {
    turn.emit({ type: "approval-end", requestId, outcome });
  }
}

function toNo(command: ApprovalCommand | null): string {
  const feedback = command?.type === "reject" ? command.feedback?.trim() : undefined;
  if (!feedback) return "The user said no to this call. Do not try it again; ask, or go another way.";
  return `The user said no to this call, and says: ${feedback}`;
}

function toAutomaticNo(call: PreparedCall, decision: Decision): string {
  return (
    `[Automatically rejected] ${call.tool.name} needs an approval (${decision.reason}), and nobody can give one in this ` +
    "session. Go another way, or finish and say what would have needed it."
  );
}
