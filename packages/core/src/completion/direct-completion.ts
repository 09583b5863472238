import { drawChance } from "../effects/draw-chance.ts";
import { costOf } from "../ledger/cost.ts";
import type { Effects } from "../ports/effects.ts";
import type { LlmFailure, LlmProvider } from "../ports/llm-provider.ts";
import type { UsageRecord } from "../store/ledger-store.ts";
import type { Attempt } from "../turn/collect-answer.ts";
import { decideRetry } from "../turn/retry-policy.ts";
import { collectBounded } from "./collect-bounded.ts";

/** One question to a model: without history, without tools. */
export interface CompletionRequest {
  readonly system: string;
  readonly prompt: string;
  /** What it is for: `title`, `compaction`, an embedder's own word. Its usage is booked under this. */
  readonly label: string;
  readonly signal: AbortSignal;
  /** Characters of the answer; the request is stopped beyond them. Absent: 40,000. */
  readonly maxChars?: number | undefined;
}

/** An answer that reached `maxChars` or the model's own limit is truncated. */
export type CompletionResult =
  | { readonly kind: "finished"; readonly text: string; readonly isTruncated: boolean }
  | { readonly kind: "failed"; readonly failure: LlmFailure };

/** Asks, and rejects with `signal.reason` when aborted. What a model or network does wrong is a value. */
export type Complete = (request: CompletionRequest) => Promise<CompletionResult>;

/** A record of usage without what only the caller knows: its turn and step. */
export type CompletionUsage = Omit<UsageRecord, "turnId" | "step">;

export interface CompletionParts {
  readonly provider: LlmProvider;
  readonly effects: Effects;
  /**
   * Begins the keys of all its effects: unique in the session, the same when a turn is replayed. Requests are numbered as
   * they are made, so callers that ask at the same time need one of their own each.
   */
  readonly key: string;
  /** Every attempt is booked, also one that failed or was aborted. Must not throw. */
  readonly recordUsage: (usage: CompletionUsage) => void;
  /** Takes secrets out of what is sent, and of the answer. Absent: nothing is taken out. */
  readonly redact?: ((text: string) => string) | undefined;
}

/**
 * One-shot requests to `provider`, repeated by the rules of a turn's own. Inside a tool they are part of its attempt:
 * when that is made again, so are they.
 */
export function createCompletions(parts: CompletionParts): Complete {
  const { effects, provider, redact = (text) => text } = parts;
  let count = 0;
  return async ({ system, prompt, label, signal, maxChars = 40_000 }) => {
    count += 1;
    const key = `${parts.key}/completion/${count}`;
    const request = { system: redact(system), messages: [{ role: "user", text: redact(prompt) } as const], tools: [] };
    for (let retries = 0; ; retries += 1) {
      signal.throwIfAborted();
      const attemptKey = `${key}/${retries}`;
      const startedAtMs = effects.now();
      const { attempt, isTruncated } = await effects.run(attemptKey, () =>
        collectBounded(provider, request, { signal, maxChars }),
      );
      const endedAtMs = effects.now();
      parts.recordUsage(toUsage(attempt, { provider, label, attempt: retries + 1, startedAtMs, endedAtMs }));
      const failure = toFailure(attempt);
      if (failure === null) return { kind: "finished", text: redact(attempt.text), isTruncated };
      if (failure === "aborted") {
        signal.throwIfAborted();
        throw new DOMException("this completion was aborted when it was recorded", "AbortError");
      }
      const chance = await effects.run(`${attemptKey}/jitter`, drawChance);
      const waitMs = decideRetry(failure, retries, chance);
      if (waitMs === null) return { kind: "failed", failure };
      await effects.sleep(`${attemptKey}/backoff`, waitMs, { signal });
    }
  };
}

/** Null when the answer can be used. */
function toFailure({ text, end }: Attempt): LlmFailure | "aborted" | null {
  switch (end.kind) {
    case "aborted":
      return "aborted";
    case "failed":
      return end.failure;
    case "finished":
      return text.trim() === "" ? { code: "bad_response", message: "the model gave an empty answer" } : null;
    default:
      return end satisfies never;
  }
}

interface AttemptPlace {
  readonly provider: LlmProvider;
  readonly label: string;
  readonly attempt: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

function toUsage({ usage, end }: Attempt, place: AttemptPlace): CompletionUsage {
  const { provider, label, attempt, startedAtMs, endedAtMs } = place;
  return {
    ...(usage ?? noTokens),
    label,
    providerId: provider.id,
    model: provider.model,
    attempt,
    outcome: end.kind,
    failureCode: end.kind === "failed" ? end.failure.code : null,
    retryAfterMs: end.kind === "failed" ? (end.failure.retryAfterMs ?? null) : null,
    costMicros: usage === null ? null : costOf(usage, provider.price),
    durationMs: Math.max(0, endedAtMs - startedAtMs),
    createdAtMs: endedAtMs,
  };
}

const noTokens = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, thinkingTokens: 0 };
