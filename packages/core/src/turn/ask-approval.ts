import { z } from "zod";
import type { EngineCommand } from "../events/engine-command.ts";
import { alwaysRuleFor } from "../trust/decide-call.ts";
import type { Decision } from "../trust/decision.ts";
import { askOutside } from "./ask-outside.ts";
import type { PreparedCall } from "./judge-call.ts";
import type { TurnContext } from "./turn-context.ts";

/** `text` is what the model reads. */
export type ApprovalAnswer = { readonly kind: "approved" } | { readonly kind: "rejected"; readonly text: string };

type ApprovalCommand = Extract<EngineCommand, { type: "approve" | "reject" }>;

/**
 * Asks whether a call may run, and waits for the answer as long as the session does. Where nobody can answer, that is a
 * no. "Always" is remembered for the project before the call runs. The question is the same one after a crash: an answer
 * that another process gave meanwhile counts. Rejects with `signal.reason` when the turn is aborted; the question has
 * ended then too.
 */
export async function askApproval(turn: TurnContext, call: PreparedCall, decision: Decision): Promise<ApprovalAnswer> {
  if (turn.approvals === "reject") return { kind: "rejected", text: toAutomaticNo(call, decision) };
  const requestId = `ask_${call.callId}`;
  const { guard } = turn;
  const rule = alwaysRuleFor(call.tool.name, call.assessment);
  const request = {
    type: "approval-request",
    requestId,
    callId: call.callId,
    name: call.tool.name,
    subject: guard.redact(call.assessment.subject),
    effect: call.assessment.effect,
    reason: guard.redact(decision.reason),
    alwaysRule: rule === null || holdsSecret(turn, rule) ? null : rule,
  } as const;
  let outcome: "approved" | "rejected" = "rejected";
  try {
    const { callId } = call;
    const command = await askOutside(turn, { requestId, callId, kind: "approval", request, parse: parseAnswer });
    if (command === null) return { kind: "rejected", text: toTooLate(turn) };
    if (command.type === "reject") return { kind: "rejected", text: toNo(command) };
    outcome = "approved";
    if (command.scope === "always" && request.alwaysRule !== null) turn.trust.allowAlways(request.alwaysRule);
    return { kind: "approved" };
  } finally {
    turn.emit({ type: "approval-end", requestId, outcome });
  }
}

/** Rules are kept as they are, so one with a secret in it is not offered. Backslashes in it keep stars from being patterns. */
function holdsSecret({ guard }: TurnContext, rule: string): boolean {
  return [rule, rule.replaceAll("\\", "")].some((text) => guard.redact(text) !== text);
}

function parseAnswer(value: unknown): ApprovalCommand | null {
  const answer = approvalAnswer.safeParse(value);
  return answer.success ? answer.data : null;
}

/** It may come from the store, where another process has put it. */
const approvalAnswer: z.ZodType<ApprovalCommand> = z.discriminatedUnion("type", [
  z.object({ type: z.literal("approve"), requestId: z.string(), scope: z.enum(["once", "always"]) }),
  z.object({ type: z.literal("reject"), requestId: z.string(), feedback: z.string().optional() }),
]);

function toNo({ feedback }: Extract<ApprovalCommand, { type: "reject" }>): string {
  if (!feedback?.trim()) return "The user said no to this call. Do not try it again; ask, or go another way.";
  return `The user said no to this call, and says: ${feedback.trim()}`;
}

function toTooLate(turn: TurnContext): string {
  const within = turn.answerWithinMs === null ? "" : ` within ${turn.answerWithinMs / 1000} s`;
  return `[Automatically rejected] Nobody gave an answer to this${within}. Go another way, or finish and say what would have needed it.`;
}

function toAutomaticNo(call: PreparedCall, decision: Decision): string {
  return (
    `[Automatically rejected] ${call.tool.name} needs an approval (${decision.reason}), and nobody can give one in this ` +
    "session. Go another way, or finish and say what would have needed it."
  );
}
