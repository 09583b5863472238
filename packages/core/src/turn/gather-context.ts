import type { TurnContext } from "./turn-context.ts";
import { toEffectKey } from "./turn-keys.ts";

/**
 * Asks the context providers about the prompt, and puts what they found after it, so that what stands before it is the
 * same as in the last request. It is on record, as all that the model is shown. Providers that fail are passed over.
 */
export async function gatherContext(turn: TurnContext): Promise<void> {
  const { providers, effects, signal, sessionId, prompt } = turn;
  if (providers.names().length === 0) return;
  const key = toEffectKey(turn, "context");
  const sleep = (durationMs: number, options: { readonly signal: AbortSignal }): Promise<void> =>
    effects.sleep(`${key}/deadline`, durationMs, options);
  const { text, items, tokens, skipped } = await effects.run(key, () =>
    providers.query({ text: prompt, sessionId }, { signal, sleep }),
  );
  for (const { name, reason } of skipped) {
    turn.emit({ type: "warning", code: "context_provider_failed", message: `context provider ${name}: ${reason}` });
  }
  turn.emit({ type: "context-providers", items, tokens, skipped: skipped.map(({ name }) => name) });
  if (text !== "")
    turn.transcript.append(turn.turnId, { kind: "user", source: "guard", text: turn.guard.redact(text) });
}

/** Tells the context providers of a turn that is complete. Nothing waits for it but the end of the session. */
export function tellProviders(turn: TurnContext, answer: string): void {
  const { providers, effects, signal, sessionId, turnId, prompt } = turn;
  if (providers.names().length === 0) return;
  const key = toEffectKey(turn, "after-turn");
  const sleep = (durationMs: number, options: { readonly signal: AbortSignal }): Promise<void> =>
    effects.sleep(key, durationMs, options);
  const told = effects.run(key, () => providers.afterTurn({ sessionId, turnId, prompt, answer }, { signal, sleep }));
  turn.keepStraggler(told);
}
