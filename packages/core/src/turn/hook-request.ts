import type { TurnOutcome } from "../store/turn-outcome.ts";
import type { Attempt } from "./collect-answer.ts";
import type { TurnContext } from "./turn-context.ts";
import { toEffectKey } from "./turn-keys.ts";

/** Asks the hooks about the request of a step. The outcome of the turn when one of them blocks it; else null. */
export async function hookBeforeRequest(turn: TurnContext, step: number): Promise<TurnOutcome | null> {
  if (!turn.hooks.hears("before-generate")) return null;
  const { signal, effects } = turn;
  const key = toEffectKey(turn, step, "before-generate");
  const outcome = await effects.run(key, () => turn.hooks.beforeGenerate(toPayload(turn), { signal }));
  if (outcome.kind === "go-on") return null;
  return { kind: "error", code: "blocked_by_hook", message: turn.guard.redact(outcome.reason) };
}

/** Tells the hooks what the model answered. */
export async function hookAfterRequest(
  turn: TurnContext,
  attempt: Attempt,
  { step, startedAtMs }: { readonly step: number; readonly startedAtMs: number },
): Promise<void> {
  if (!turn.hooks.hears("after-generate")) return;
  const durationMs = Math.max(0, turn.effects.now() - startedAtMs);
  const told = { ...toPayload(turn), text: attempt.text, usage: attempt.usage, durationMs };
  await turn.effects.run(toEffectKey(turn, step, "after-generate"), async () => {
    await turn.hooks.afterGenerate(told, { signal: turn.signal });
    return null;
  });
}

function toPayload({ sessionId, turnId, provider, prompt, tools }: TurnContext) {
  return { sessionId, turnId, provider: provider.id, model: provider.model, prompt, tools: tools.names };
}
