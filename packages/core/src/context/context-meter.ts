import type { ModelRequest, TokenUsage } from "../ports/llm-provider.ts";
import { estimateMessages, estimateRequest } from "./estimate-tokens.ts";

/** How full the context of a model is. */
export interface ContextReading {
  readonly usedTokens: number;
  /** The window. Zero: not known, nothing is ever full. */
  readonly maxTokens: number;
  /** 0 to 100: 160,000 of 200,000 is 80. Never more, however much is used. */
  readonly percent: number;
  /** False when the provider has counted all of it. */
  readonly isEstimated: boolean;
  /** A shrink was already made by this reading: none is made by it again. */
  readonly isSpent: boolean;
}

/** The window of a provider that does not tell one. */
export const defaultContextWindow: number = 200_000;

/** After a shrink, an estimate counts as a new reading when it has grown by this part of the window. */
export const regrowth: number = 0.05;

/**
 * How full the context of one session is: what the provider reported for its last reply, and an estimate of what was
 * added since. Before the first reply, and after a shrink, all of it is an estimate. Whatever is added stands after what
 * was there: a request that is shorter than the last one is estimated anew.
 */
export class ContextMeter {
  #maxTokens: number;
  #usedTokens = 0;
  #isEstimated = false;
  #reported: { readonly tokens: number; readonly messages: number } | null = null;
  /** `at` is null until the first reading after the shrink. */
  #shrunk: { at: number | null } | null = null;

  /** `contextWindow` as the provider has it. */
  constructor(contextWindow: number | undefined) {
    this.#maxTokens = toWindow(contextWindow);
  }

  /** As it was measured last. A new or cleared session has used nothing. */
  get reading(): ContextReading {
    const usedTokens = this.#usedTokens;
    const maxTokens = this.#maxTokens;
    const percent = maxTokens === 0 ? 0 : Math.min(100, (usedTokens / maxTokens) * 100);
    const regrownAt = (this.#shrunk?.at ?? 0) + maxTokens * regrowth;
    const isSpent = this.#shrunk !== null && (this.#shrunk.at === null || usedTokens < regrownAt);
    return { usedTokens, maxTokens, percent, isEstimated: this.#isEstimated, isSpent };
  }

  /** Measures what is about to be sent. */
  measure(request: ModelRequest): ContextReading {
    const reported = this.#reported;
    if (reported !== null && request.messages.length >= reported.messages) {
      // The message after those of the answered request is the answer, which was reported as well.
      const added = request.messages.slice(reported.messages + 1);
      this.#usedTokens = reported.tokens + estimateMessages(added);
      this.#isEstimated = added.length > 0;
    } else {
      this.#usedTokens = estimateRequest(request);
      this.#isEstimated = true;
    }
    if (this.#shrunk !== null) this.#shrunk.at ??= this.#usedTokens;
    return this.reading;
  }

  /** The provider has answered `request` and counted. Thinking is not sent again, so it takes no room. */
  noteReply(request: ModelRequest, usage: TokenUsage): ContextReading {
    // A server that counts nothing has not counted.
    if (usage.inputTokens <= 0) return this.reading;
    const tokens = usage.inputTokens + Math.max(0, usage.outputTokens - usage.thinkingTokens);
    this.#reported = { tokens, messages: request.messages.length };
    this.#usedTokens = tokens;
    this.#isEstimated = false;
    this.#shrunk = null;
    return this.reading;
  }

  /** After a shrink: what was reported before is void, and no other shrink is made until there is a new reading. */
  reset(): void {
    this.#reported = null;
    this.#shrunk = { at: null };
  }

  /** The conversation begins anew. The window stays. */
  clear(): void {
    this.#reported = null;
    this.#shrunk = null;
    this.#usedTokens = 0;
    this.#isEstimated = false;
  }

  /** Another model has another window, and counts in its own way: what the last one reported is void. */
  setWindow(contextWindow: number | undefined): void {
    this.#maxTokens = toWindow(contextWindow);
    this.#isEstimated ||= this.#reported !== null;
    this.#reported = null;
  }
}

function toWindow(contextWindow: number | undefined): number {
  const isWindow = contextWindow !== undefined && Number.isFinite(contextWindow) && contextWindow >= 0;
  return isWindow ? contextWindow : defaultContextWindow;
}
