import type { TurnOutcome } from "../store/turn-outcome.ts";
import { abortable } from "./abortable.ts";
import { askForSteps } from "./ask-for-steps.ts";
import { dispatchCalls } from "./dispatch-calls.ts";
import { countRepeats, fingerprintCall, noRepeats, type RepeatState, stepBackNote } from "./guards.ts";
import { requestAnswer } from "./request-answer.ts";
import { rerunInterruptedReads } from "./rerun-interrupted-reads.ts";
import type { Attempt } from "./stream-answer.ts";
import type { TurnContext } from "./turn-context.ts";
import { toCallId } from "./turn-keys.ts";

/**
 * Step after step until the model is done, a budget is spent or something ends the turn. May reject when the turn is
 * aborted between two acts; the caller makes that a cancelled outcome.
 */
export async function driveTurn(turn: TurnContext): Promise<TurnOutcome> {
  const system = await abortable(turn.composeSystemPrompt(), turn.signal);
  let repeats = noRepeats;
  let allowedSteps = turn.maxSteps;
  for (let step = 1; ; step += 1) {
    if (step > allowedSteps) {
      const granted = await askForSteps(turn, step - 1);
      if (granted === 0) return toStepLimit(turn, step - 1);
      allowedSteps += granted;
    }
    turn.signal.throwIfAborted();
    turn.emit({ type: "step-start", step });
    try {
      const result = await takeStep(turn, { step, system, repeats });
      if (result.kind === "turn-is-over") return result.outcome;
      repeats = result.repeats;
    } finally {
      turn.emit({ type: "step-end", step });
    }
  }
}

type StepResult =
  | { readonly kind: "goes-on"; readonly repeats: RepeatState }
  | { readonly kind: "turn-is-over"; readonly outcome: TurnOutcome };

async function takeStep(
  turn: TurnContext,
  { step, system, repeats }: { readonly step: number; readonly system: string; readonly repeats: RepeatState },
): Promise<StepResult> {
  if (step === 1) await rerunInterruptedReads(turn);
  if (turn.signal.aborted) return toEnd({ kind: "cancelled" });
  takeInSteering(turn);
  const messages = turn.history.toMessages(turn.transcript.entries, turn.transcript.calls, turn.turnId);
  const attempt = await requestAnswer(turn, step, { system, messages, tools: turn.catalog.definitions() });
  if (attempt.end.kind !== "finished") {
    keepPartialAnswer(turn, attempt);
    return toEnd(
      attempt.end.kind === "aborted"
        ? { kind: "cancelled" }
        : { kind: "error", code: attempt.end.failure.code, message: attempt.end.failure.message },
    );
  }

  const { text, thinking } = attempt;
  const toolCalls = attempt.toolCalls.map((call, index) => ({ ...call, callId: toCallId(turn, step, index) }));
  turn.transcript.append(turn.turnId, { kind: "assistant", text, thinking, toolCalls, isComplete: true });
  if (attempt.end.reason === "length") {
    turn.emit({ type: "warning", code: "output_truncated", message: "the model's answer reached its output limit" });
  }
  if (toolCalls.length === 0) {
    return takeInSteering(turn) ? { kind: "goes-on", repeats } : toEnd({ kind: "complete", text });
  }

  const fingerprints = toolCalls.map((call) => fingerprintCall(call.name, call.argumentsJson));
  const guard = countRepeats(repeats, fingerprints);
  if (guard.verdict === "stop") return toEnd(repeatedCalls);
  await dispatchCalls(turn, toolCalls);
  if (turn.signal.aborted) return toEnd({ kind: "cancelled" });
  if (guard.verdict === "step-back") {
    turn.transcript.append(turn.turnId, { kind: "user", source: "guard", text: stepBackNote });
  }
  return { kind: "goes-on", repeats: guard.state };
}

/** True when there was something. */
function takeInSteering(turn: TurnContext): boolean {
  const texts = turn.takeSteering();
  for (const text of texts) turn.transcript.append(turn.turnId, { kind: "user", source: "steer", text });
  return texts.length > 0;
}

/** Calls of an answer that was cut are dropped: they may be missing their end, and none has run. */
function keepPartialAnswer(turn: TurnContext, { text, thinking }: Attempt): void {
  if (text === "" && thinking === "") turn.transcript.forgetDraft();
  else turn.transcript.append(turn.turnId, { kind: "assistant", text, thinking, toolCalls: [], isComplete: false });
}

const toEnd = (outcome: TurnOutcome): StepResult => ({ kind: "turn-is-over", outcome });

function toStepLimit(turn: TurnContext, steps: number): TurnOutcome {
  const limit = turn.approvals === "reject" ? "max-turns" : "loop-cap";
  return { kind: "limit", limit, message: `stopped after ${steps} steps without being done` };
}

const repeatedCalls: TurnOutcome = {
  kind: "limit",
  limit: "repeated-calls",
  message: "stopped: the model kept making the same call, also after it was told; a stronger model may help",
};
