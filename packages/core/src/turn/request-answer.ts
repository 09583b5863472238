import { blankOldResults } from "../context/blank-old-results.ts";
import type { LlmFailure, ModelRequest } from "../ports/llm-provider.ts";
import { decideRetry } from "./retry-policy.ts";
import { type Attempt, streamAnswer } from "./stream-answer.ts";
import type { TurnContext } from "./turn-context.ts";
import { toEffectKey } from "./turn-keys.ts";

/**
 * Asks the model until it has answered, or it makes no sense to ask again. The text of an attempt that is made again
 * is retracted; a request that was too long is made once more without old results that can be had again. What the last one brought is in the result, however it ended. Usage is recorded for every attempt that
 * reported it.
 */
export async function requestAnswer(turn: TurnContext, step: number, whole: ModelRequest): Promise<Attempt> {
  let request = whole;
  let retries = 0;
  let hasBeenEmpty = false;
  while (true) {
    const key = toEffectKey(turn, step, "model", retries);
    const attempt = await turn.clock.during("model", () =>
      turn.effects.run(key, () => streamAnswer(turn, key, request)),
    );
    recordUsage(turn, attempt);
    const failure = toFailure(attempt);
    if (failure === null) return attempt;

    const shorter = failure.code === "context_overflow" ? shorten(request) : null;
    const isFirstEmpty: boolean = attempt.end.kind === "finished" && !hasBeenEmpty;
    const random = await turn.effects.run(`${key}/jitter`, async () => Math.random());
    const waitMs = isFirstEmpty || shorter !== null ? 0 : decideRetry(failure, retries, random);
    if (waitMs === null) return { ...attempt, end: { kind: "failed", failure } };
    request = shorter ?? request;
    hasBeenEmpty ||= isFirstEmpty;
    retries += 1;
    if (attempt.text !== "" || attempt.thinking !== "") {
      turn.emit({ type: "text-retract" });
      turn.transcript.forgetDraft();
    }
    turn.emit({ type: "retry", attempt: retries, waitMs, reason: `${failure.code}: ${failure.message}` });
    try {
      await turn.clock.during("wait", () => turn.effects.sleep(`${key}/backoff`, waitMs, { signal: turn.signal }));
    } catch (error) {
      if (!turn.signal.aborted) throw error;
      return { ...attempt, text: "", thinking: "", toolCalls: [], end: { kind: "aborted" } };
    }
  }
}

/** Null when nothing can be left out, and so also the second time. */
function shorten(request: ModelRequest): ModelRequest | null {
  const messages = blankOldResults(request.messages);
  return messages === request.messages ? null : { ...request, messages };
}

/** Null when the attempt can be used. An answer with nothing in it is a failure: a turn must not end well on it. */
function toFailure(attempt: Attempt): LlmFailure | null {
  switch (attempt.end.kind) {
    case "aborted":
      return null;
    case "failed":
      return attempt.end.failure;
    case "finished": {
      if (attempt.text.trim() !== "" || attempt.toolCalls.length > 0) return null;
      return { code: "bad_response", message: `the model gave an empty answer (${attempt.end.reason})` };
    }
    default:
      return attempt.end satisfies never;
  }
}

function recordUsage(turn: TurnContext, { usage }: Attempt): void {
  if (usage === null) return;
  const { provider, turnId } = turn;
  const createdAtMs = turn.effects.now();
  turn.transcript.recordUsage({ ...usage, turnId, providerId: provider.id, model: provider.model, createdAtMs });
}
