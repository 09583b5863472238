import { costOf } from "../ledger/cost.ts";
import type { Attempt } from "./collect-answer.ts";
import type { TurnContext } from "./turn-context.ts";

/** Which request of a turn it was. */
export interface RequestPlace {
  readonly label: string;
  /** 0 outside of steps. */
  readonly step: number;
  /** From 1. */
  readonly attempt: number;
  readonly startedAtMs: number;
}

/** Every attempt is on record, with what it cost and why it failed; nothing that the server or the model said. */
export function recordAttempt(
  turn: TurnContext,
  { usage, end }: Attempt,
  { label, step, attempt, startedAtMs }: RequestPlace,
): void {
  const { provider, turnId } = turn;
  const createdAtMs = turn.effects.now();
  turn.transcript.recordUsage({
    ...(usage ?? noUsage),
    turnId,
    label,
    providerId: provider.id,
    model: provider.model,
    step,
    attempt,
    outcome: end.kind,
    failureCode: end.kind === "failed" ? end.failure.code : null,
    retryAfterMs: end.kind === "failed" ? (end.failure.retryAfterMs ?? null) : null,
    costMicros: usage === null ? null : costOf(usage, provider.price),
    durationMs: Math.max(0, createdAtMs - startedAtMs),
    createdAtMs,
  });
}

const noUsage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, thinkingTokens: 0 };
