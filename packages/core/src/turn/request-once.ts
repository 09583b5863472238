import type { Completion } from "../context/summarise.ts";
import { drawChance } from "../effects/draw-chance.ts";
import { costOf } from "../ledger/cost.ts";
import type { ModelRequest } from "../ports/llm-provider.ts";
import { type AnswerListener, collectAnswer } from "./collect-answer.ts";
import { recordAttempt } from "./record-attempt.ts";
import { decideRetry } from "./retry-policy.ts";
import type { TurnContext } from "./turn-context.ts";
import { toEffectKey } from "./turn-keys.ts";

/**
 * Asks the model for one text that is no part of the conversation. Nothing of it is shown; what it costs is told and on
 * record, under its label. A failure that is worth another attempt is tried again. Rejects with `signal.reason` when the
 * turn is aborted.
 */
export async function requestOnce(
  turn: TurnContext,
  { label, number, request }: { readonly label: string; readonly number: number; readonly request: ModelRequest },
): Promise<Completion> {
  const { signal, effects, provider } = turn;
  for (let retries = 0; ; retries += 1) {
    const key = toEffectKey(turn, label, turn.transcript.leafId ?? "", number, retries);
    const startedAtMs = effects.now();
    const attempt = await turn.clock.during("model", () =>
      effects.run(key, () => collectAnswer(provider, request, { signal, listener: toListener(turn, label) })),
    );
    recordAttempt(turn, attempt, { label, step: 0, attempt: retries + 1, startedAtMs });
    signal.throwIfAborted();
    if (attempt.end.kind === "finished") return { kind: "text", text: attempt.text };
    if (attempt.end.kind === "aborted") throw signal.reason;
    const random = await effects.run(`${key}/jitter`, drawChance);
    const waitMs = decideRetry(attempt.end.failure, retries, random);
    if (waitMs === null) return { kind: "failed", failure: attempt.end.failure };
    await turn.clock.during("wait", () => effects.sleep(`${key}/backoff`, waitMs, { signal }));
  }
}

function toListener(turn: TurnContext, label: string): AnswerListener {
  const safe = turn.guard.stream();
  return {
    onText: (delta) => safe.push(delta),
    onThinking: () => "",
    onUsage: (usage) => turn.emit({ type: "usage", label, costMicros: costOf(usage, turn.provider.price), ...usage }),
    onEnd: () => ({ text: safe.flush(), thinking: "" }),
  };
}
