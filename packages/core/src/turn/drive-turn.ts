import type { AssistantContent } from "../store/entry.ts";
import type { TurnOutcome } from "../store/turn-outcome.ts";
import { abortable } from "./abortable.ts";
import { askForSteps } from "./ask-for-steps.ts";
import { callsLeft } from "./calls-left.ts";
import type { Attempt } from "./collect-answer.ts";
import { dispatchCalls } from "./dispatch-calls.ts";
import { gatherContext } from "./gather-context.ts";
import { countRepeats, type RepeatState, stepBackNote } from "./guards.ts";
import { hookAfterRequest, hookBeforeRequest } from "./hook-request.ts";
import { planTurn } from "./plan-turn.ts";
import { refuseBlankedCalls } from "./refuse-blanked-calls.ts";
import { requestAnswer } from "./request-answer.ts";
import { rerunInterruptedReads } from "./rerun-interrupted-reads.ts";
import type { TurnContext } from "./turn-context.ts";
import { toCallId } from "./turn-keys.ts";
import { fingerprints, readPosition } from "./turn-position.ts";

/**
 * Step after step until the model is done, a budget is spent or something ends the turn; a turn that an earlier process
 * left goes on where its entries end. May reject when the turn is aborted between two acts; the caller makes that a
 * cancelled outcome.
 */
export async function driveTurn(turn: TurnContext): Promise<TurnOutcome> {
  const position = readPosition(turn.readOwnEntries(), turn.turnId);
  let { repeats, open } = position;
  let allowedSteps = turn.maxSteps;
  if (position.endsInCut) note(turn, cutNote);
  if (position.isAtStart) {
    await gatherContext(turn);
    turn.plan = await planTurn(turn);
  }
  for (let step = position.stepsDone + (open === null ? 1 : 0); ; step += 1) {
    if (turn.isPaused()) return { kind: "paused" };
    const spent = turn.checkBudget();
    if (spent !== null) return spent;
    if (step > allowedSteps && open === null) {
      const granted = await askForSteps(turn, step - 1);
      if (granted === 0) return toStepLimit(turn, step - 1);
      allowedSteps += granted;
    }
    turn.signal.throwIfAborted();
    turn.emit({ type: "step-start", step });
    try {
      if (open !== null) await refuseBlankedCalls(turn, open);
      const result =
        open === null ? await takeStep(turn, { step, repeats }) : await settleAnswer(turn, { answer: open, repeats });
      if (result.kind === "turn-is-over") return result.outcome;
      repeats = result.repeats;
      open = null;
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
  { step, repeats }: { readonly step: number; readonly repeats: RepeatState },
): Promise<StepResult> {
  if (step === 1) await rerunInterruptedReads(turn);
  if (turn.signal.aborted) return toEnd({ kind: "cancelled" });
  takeInSteering(turn);
  const system = await abortable(turn.composeSystemPrompt(), turn.signal);
  const blocked = await hookBeforeRequest(turn, step);
  if (blocked !== null) return toEnd(blocked);
  const startedAtMs = turn.effects.now();
  const attempt = await requestAnswer(turn, step, system);
  if (attempt.end.kind !== "finished") {
    keepPartialAnswer(turn, attempt);
    return toEnd(
      attempt.end.kind === "aborted"
        ? { kind: "cancelled" }
        : { kind: "error", code: attempt.end.failure.code, message: attempt.end.failure.message },
    );
  }

  await hookAfterRequest(turn, attempt, { step, startedAtMs });
  const { text, thinking } = attempt;
  const calls = attempt.toolCalls.map((call, index) => ({
    ...call,
    name: turn.guard.redact(call.name),
    callId: toCallId(turn, step, index),
  }));
  // A call runs with the arguments that the model gave it; on record, and in the next request, they hold no secret.
  const toolCalls = calls.map((call) => ({ ...call, argumentsJson: turn.guard.redactJson(call.argumentsJson) }));
  const answer = { kind: "assistant", text, thinking, toolCalls, isComplete: true, step } as const;
  turn.transcript.append(turn.turnId, answer);
  if (attempt.end.reason === "length") {
    turn.emit({ type: "warning", code: "output_truncated", message: "the model's answer reached its output limit" });
  }
  return await settleAnswer(turn, { answer: { ...answer, toolCalls: calls }, repeats });
}

/** What follows from an answer that is on record: its calls are run, those of an interrupted one that are left. */
async function settleAnswer(
  turn: TurnContext,
  { answer, repeats }: { readonly answer: AssistantContent; readonly repeats: RepeatState },
): Promise<StepResult> {
  const { text, toolCalls } = answer;
  if (toolCalls.length === 0) {
    return takeInSteering(turn) ? { kind: "goes-on", repeats } : toEnd({ kind: "complete", text });
  }
  const guard = countRepeats(repeats, fingerprints(toolCalls));
  if (guard.verdict === "stop") return toEnd(repeatedCalls);
  await dispatchCalls(turn, await callsLeft(turn, toolCalls));
  if (turn.signal.aborted) return toEnd({ kind: "cancelled" });
  if (guard.verdict === "step-back") note(turn, stepBackNote);
  return { kind: "goes-on", repeats: guard.state };
}

/** True when there was something. */
function takeInSteering(turn: TurnContext): boolean {
  const inputs = turn.takeSteering();
  for (const { id, text, isStored } of inputs) {
    const content = { kind: "user", source: "steer", text } as const;
    turn.transcript.append(turn.turnId, content, isStored ? { acceptsInput: id } : {});
    turn.emit({ type: "input-accepted", inputId: id, text });
  }
  return inputs.length > 0;
}

function note(turn: TurnContext, text: string): void {
  turn.transcript.append(turn.turnId, { kind: "user", source: "guard", text });
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

const cutNote =
  "[Note from Koda, not from the user: Koda was interrupted while you answered, and goes on now. Your answer above was cut off; " +
  "take it up where it makes sense, without repeating what is done.]";
