import { drawChance } from "../effects/draw-chance.ts";
import type { LlmFailure, ModelRequest } from "../ports/llm-provider.ts";
import type { Attempt } from "./collect-answer.ts";
import { fitContext, shortenAfterOverflow } from "./fit-context.ts";
import { recordAttempt } from "./record-attempt.ts";
import { decideRetry } from "./retry-policy.ts";
import { streamAnswer } from "./stream-answer.ts";
import type { TurnContext } from "./turn-context.ts";
import { toEffectKey } from "./turn-keys.ts";

/**
 * Asks the model until it has answered, or it makes no sense to ask again. The text of an attempt that is made again
 * is retracted; a request that was too long is made once more with less in it. What the last one brought is in the
 * result, however it ended. Every attempt is on record.
 */
export async function requestAnswer(turn: TurnContext, step: number, system: string): Promise<Attempt> {
  const { definitions } = turn.tools;
  let request = await fitContext(turn, {
    system,
    messages: turn.window.messages(turn.turnId),
    tools: definitions,
    ...(turn.thinking === null ? {} : { thinking: turn.thinking }),
  });
  let wasShortened = false;
  let retries = 0;
  let hasBeenEmpty = false;
  while (true) {
    const key = toEffectKey(turn, step, "model", retries);
    const startedAtMs = turn.effects.now();
    const run = (): Promise<Attempt> => turn.effects.run(key, () => streamAnswer(turn, key, request));
    const job = { lane: "generate", name: turn.provider.model, signal: turn.signal, writePaths: [], run } as const;
    const attempt = await turn.clock.during("model", () => turn.lanes.run(job));
    const failure = toFailure(attempt);
    const isFollowedByAnswer =
      attempt.end.kind === "finished" && failure === null && !turn.hooks.hears("after-generate");
    recordAttempt(turn, attempt, { label: "turn", step, attempt: retries + 1, startedAtMs, isFollowedByAnswer });
    if (attempt.usage !== null) turn.window.meter.noteReply(request, attempt.usage);
    if (failure === null) return attempt;

    const isOverflow: boolean = failure.code === "context_overflow" && !wasShortened;
    const shorter: ModelRequest | null = isOverflow ? await shortenAfterOverflow(turn, request) : null;
    wasShortened ||= shorter !== null;
    const isFirstEmpty: boolean = attempt.end.kind === "finished" && !hasBeenEmpty;
    const random = await turn.effects.run(`${key}/jitter`, drawChance);
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
