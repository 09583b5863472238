import { costOf } from "../ledger/cost.ts";
import type { FinishReason } from "../ports/llm-provider.ts";
import type { UsageRecord } from "../store/ledger-store.ts";
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
  /** Its answer is written next, at once. */
  readonly isFollowedByAnswer: boolean;
}

/** Every attempt is on record and told, with what it cost and why it failed; nothing that the server or the model said. */
export function recordAttempt(
  turn: TurnContext,
  { usage, end }: Attempt,
  { label, step, attempt, startedAtMs, isFollowedByAnswer }: RequestPlace,
): void {
  const { provider, turnId } = turn;
  const createdAtMs = turn.effects.now();
  const isFailed = end.kind === "failed";
  const record: UsageRecord = {
    ...(usage ?? noUsage),
    turnId,
    label,
    providerId: provider.id,
    model: provider.model,
    step,
    attempt,
    outcome: end.kind,
    failureCode: isFailed ? end.failure.code : null,
    retryAfterMs: isFailed ? (end.failure.retryAfterMs ?? null) : null,
    costMicros: usage === null ? null : costOf(usage, provider.price),
    durationMs: Math.max(0, createdAtMs - startedAtMs),
    createdAtMs,
  };
  if (isFollowedByAnswer) turn.transcript.recordAnsweredUsage(record);
  else turn.transcript.recordUsage(record);
  tellUsage(turn, record, end.kind === "finished" ? end.reason : null);
}

/** Of any request of a turn, those beside its steps too. */
export function noteUsage(
  turn: Pick<TurnContext, "transcript" | "emit">,
  record: UsageRecord,
  finishReason: FinishReason | null,
): void {
  turn.transcript.recordUsage(record);
  tellUsage(turn, record, finishReason);
}

function tellUsage(turn: Pick<TurnContext, "emit">, record: UsageRecord, finishReason: FinishReason | null): void {
  const { label, providerId, model, attempt, failureCode, durationMs, costMicros } = record;
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, thinkingTokens } = record;
  const tokens = { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, thinkingTokens };
  const request = { label, provider: providerId, model, attempt, finishReason, failureCode, durationMs, costMicros };
  turn.emit({ type: "usage", ...request, ...tokens });
}

const noUsage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, thinkingTokens: 0 };
