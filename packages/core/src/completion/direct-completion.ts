import type { Effects } from "../ports/effects.ts";
import type { LlmFailure, LlmProvider, StreamPart, TokenUsage } from "../ports/llm-provider.ts";
import type { UsageRecord } from "../store/ledger-store.ts";
import { abortable } from "../turn/abortable.ts";
import { toLlmFailure } from "../turn/llm-failure.ts";
import { decideRetry } from "../turn/retry-policy.ts";

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

/** A record of usage without what only the caller knows: its turn, its step, what tokens cost. */
export type CompletionUsage = Omit<UsageRecord, "turnId" | "step" | "costMicros">;

export interface CompletionParts {
  readonly provider: LlmProvider;
  readonly effects: Effects;
  /**
   * Begins the keys of all its effects: unique in the session, the same when a turn is replayed. Requests are numbered as
   * they are made, so callers that ask at the same time need one of their own each.
   */
  readonly key: string;
  /** In [0, 1): spreads retries. */
  readonly random: () => number;
  /** Every attempt is booked, also one that failed or was aborted. Must not throw. */
  readonly recordUsage: (usage: CompletionUsage) => void;
}

/**
 * One-shot requests to `provider`, repeated by the rules of a turn's own. Inside a tool they are part of its attempt:
 * when that is made again, so are they.
 */
export function createCompletions(parts: CompletionParts): Complete {
  let count = 0;
  return async (request) => {
    const { effects, provider, random } = parts;
    const { label, signal } = request;
    count += 1;
    const key = `${parts.key}/completion/${count}`;
    for (let retries = 0; ; retries += 1) {
      signal.throwIfAborted();
      const attemptKey = `${key}/${retries}`;
      const startedAtMs = effects.now();
      const { usage, end } = await effects.run(attemptKey, () => ask(provider, request));
      parts.recordUsage({
        ...(usage ?? noTokens),
        label,
        providerId: provider.id,
        model: provider.model,
        attempt: retries + 1,
        outcome: end.kind,
        failureCode: end.kind === "failed" ? end.failure.code : null,
        retryAfterMs: end.kind === "failed" ? (end.failure.retryAfterMs ?? null) : null,
        durationMs: Math.max(0, effects.now() - startedAtMs),
        createdAtMs: startedAtMs,
      });
      if (end.kind === "finished") return end;
      if (end.kind === "aborted") {
        signal.throwIfAborted();
        throw new DOMException("the completion was aborted when it was recorded", "AbortError");
      }
      const chance = await effects.run(`${attemptKey}/jitter`, async () => random());
      const waitMs = decideRetry(end.failure, retries, chance);
      if (waitMs === null) return end;
      await effects.sleep(`${attemptKey}/backoff`, waitMs, { signal });
    }
  };
}

const defaultMaxChars = 40_000;
const noTokens: TokenUsage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, thinkingTokens: 0 };

/** What one request brought. JSON: it is the recorded result of an effect. */
interface Attempt {
  readonly usage: TokenUsage | null;
  readonly end: CompletionResult | { readonly kind: "aborted" };
}

/** Does not wait for a provider that ignores the signal. */
async function ask(provider: LlmProvider, request: CompletionRequest): Promise<Attempt> {
  const { system, prompt, signal, maxChars = defaultMaxChars } = request;
  const stop = new AbortController();
  let text = "";
  let usage: TokenUsage | null = null;
  let iterator: AsyncIterator<StreamPart> | null = null;
  const finish = (isTruncated: boolean): Attempt => {
    const kept = text.slice(0, maxChars).toWellFormed();
    if (kept.trim() === "") return { usage, end: { kind: "failed", failure: emptyFailure } };
    return { usage, end: { kind: "finished", text: kept, isTruncated } };
  };
  try {
    const modelRequest = { system, messages: [{ role: "user", text: prompt } as const], tools: [] };
    iterator = provider
      .stream(modelRequest, { signal: AbortSignal.any([signal, stop.signal]) })
      [Symbol.asyncIterator]();
    while (true) {
      const next = await abortable(iterator.next(), signal);
      if (next.done) return { usage, end: { kind: "failed", failure: cutFailure } };
      const part = next.value;
      if (part.type === "text-delta") text += part.text;
      if (part.type === "usage") usage = toUsage(part);
      if (part.type === "finish") return finish(part.reason === "length" || text.length > maxChars);
      if (text.length > maxChars) return finish(true);
    }
  } catch (error) {
    if (signal.aborted) return { usage, end: { kind: "aborted" } };
    return { usage, end: { kind: "failed", failure: toLlmFailure(error) } };
  } finally {
    stop.abort(new DOMException("the answer is complete, or not wanted any more", "AbortError"));
    // How the request closes is of no use to anyone who waits here.
    iterator?.return?.().then(undefined, () => null);
  }
}

function toUsage({
  inputTokens,
  outputTokens,
  cacheReadTokens,
  cacheWriteTokens,
  thinkingTokens,
}: TokenUsage): TokenUsage {
  return {
    inputTokens: toCount(inputTokens),
    outputTokens: toCount(outputTokens),
    cacheReadTokens: toCount(cacheReadTokens),
    ...(cacheWriteTokens !== undefined && { cacheWriteTokens: toCount(cacheWriteTokens) }),
    thinkingTokens: toCount(thinkingTokens),
  };
}

/** A server may report any number. One that counts nothing is none. */
const toCount = (value: number): number => (Number.isSafeInteger(value) && value > 0 ? value : 0);

const cutFailure: LlmFailure = { code: "stream_cut", message: "the answer ended before it was finished" };
const emptyFailure: LlmFailure = { code: "bad_response", message: "the model gave an empty answer" };
