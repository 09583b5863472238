import type { ModelPrice, TokenUsage } from "../ports/llm-provider.ts";

/**
 * What one request cost, in millionths of a dollar, rounded to the nearest one, once, over the whole request.
 * What was read from the provider's cache or written to it is part of `inputTokens`; it has its own price where the
 * model has one, and costs as much as other input where not.
 *
 * Null when the price is not known, is no amount of money, or the numbers cannot be summed: never a guess, and never
 * zero in place of one. Zero is the cost of a model whose price is zero.
 */
export function costOf(usage: TokenUsage, price: ModelPrice | undefined): number | null {
  if (price === undefined) return null;
  const { input, output, cacheRead = input, cacheWrite = input } = price;
  if (![input, output, cacheRead, cacheWrite].every(isAmount)) return null;

  const read = Math.min(usage.cacheReadTokens, usage.inputTokens);
  const written = Math.min(usage.cacheWriteTokens ?? 0, usage.inputTokens - read);
  const plain = usage.inputTokens - read - written;
  // Dollars for a million tokens are millionths of a dollar for one.
  const micros = Math.round(plain * input + read * cacheRead + written * cacheWrite + usage.outputTokens * output);
  return Number.isSafeInteger(micros) && micros >= 0 ? micros : null;
}

function isAmount(dollars: number): boolean {
  return Number.isFinite(dollars) && dollars >= 0;
}
