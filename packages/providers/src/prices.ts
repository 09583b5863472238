import type { ModelPrice } from "./llm-provider.ts";

/** What is known of a model before it is asked. */
export interface ModelFacts {
  readonly price: ModelPrice;
  /** Tokens that one request may hold at this price. */
  readonly contextWindow: number;
}

/** When the figures below were last looked up. Where they differ from {@link priceSources}, those are right. */
export const pricesDate = "2026-11-21";

/** The vendors' own price lists, by the host of their API. */
export const priceSources: Readonly<Record<string, string>> = {
  "api.openai.com": "https://developers.openai.com/api/docs/pricing",
  "api.anthropic.com": "https://platform.claude.com/docs/en/about-claude/pricing",
};

/**
 * What a model costs at its vendor's own API, in the standard tier, and how much it takes at once. A dated name
 * (`gpt-5-2025-08-07`, `claude-haiku-4-5-20251001`) is the model without its date, unless it has a price of its own.
 * Null for every other name and host: resold, fine-tuned and later models are not guessed at.
 */
export function findModelFacts(host: string, model: string): ModelFacts | null {
  const models = modelsByHost.get(host);
  return models?.get(model) ?? models?.get(model.replace(/-(?:\d{4}-\d{2}-\d{2}|\d{8})$/, "")) ?? null;
}

/** Of the 400,000 tokens of this family 272,000 go in; in those with room for more, that is where the price doubles. */
const gpt5Input = 272_000;
const gpt41Window = 1_047_576;

const openAiModels: ReadonlyMap<string, ModelFacts> = new Map([
  ["gpt-5.5", toFacts({ input: 5, cacheRead: 0.5, output: 30 }, gpt5Input)],
  ["gpt-5.4", toFacts({ input: 2.5, cacheRead: 0.25, output: 15 }, gpt5Input)],
  ["gpt-5.4-mini", toFacts({ input: 0.75, cacheRead: 0.075, output: 4.5 }, gpt5Input)],
  ["gpt-5.4-nano", toFacts({ input: 0.2, cacheRead: 0.02, output: 1.25 }, gpt5Input)],
  ["gpt-5.2", toFacts({ input: 1.75, cacheRead: 0.175, output: 14 }, gpt5Input)],
  ["gpt-5.1", toFacts({ input: 1.25, cacheRead: 0.125, output: 10 }, gpt5Input)],
  ["gpt-5", toFacts({ input: 1.25, cacheRead: 0.125, output: 10 }, gpt5Input)],
  ["gpt-5-mini", toFacts({ input: 0.25, cacheRead: 0.025, output: 2 }, gpt5Input)],
  ["gpt-5-nano", toFacts({ input: 0.05, cacheRead: 0.005, output: 0.4 }, gpt5Input)],
  ["gpt-4.1", toFacts({ input: 2, cacheRead: 0.5, output: 8 }, gpt41Window)],
  ["gpt-4.1-mini", toFacts({ input: 0.4, cacheRead: 0.1, output: 1.6 }, gpt41Window)],
  ["gpt-4.1-nano", toFacts({ input: 0.1, cacheRead: 0.025, output: 0.4 }, gpt41Window)],
  ["gpt-4o", toFacts({ input: 2.5, cacheRead: 1.25, output: 10 }, 128_000)],
  // The first of them was dearer, and has no cache.
  ["gpt-4o-2024-05-13", toFacts({ input: 5, output: 15 }, 128_000)],
  ["gpt-4o-mini", toFacts({ input: 0.15, cacheRead: 0.075, output: 0.6 }, 128_000)],
  ["o3", toFacts({ input: 2, cacheRead: 0.5, output: 8 }, 200_000)],
  ["o4-mini", toFacts({ input: 1.1, cacheRead: 0.275, output: 4.4 }, 200_000)],
]);

/** Writing to the cache for five minutes, which is the default there. Some take more than 200,000 tokens; all take these. */
const claudeWindow = 200_000;
const claudeOpus = toFacts({ input: 5, cacheRead: 0.5, cacheWrite: 6.25, output: 25 }, claudeWindow);
const claudeSonnet = toFacts({ input: 3, cacheRead: 0.3, cacheWrite: 3.75, output: 15 }, claudeWindow);
const claudeHaiku = toFacts({ input: 1, cacheRead: 0.1, cacheWrite: 1.25, output: 5 }, claudeWindow);

const anthropicModels: ReadonlyMap<string, ModelFacts> = new Map([
  ["claude-opus-5", claudeOpus],
  ["claude-opus-4-8", claudeOpus],
  ["claude-opus-4-7", claudeOpus],
  ["claude-opus-4-6", claudeOpus],
  ["claude-opus-4-5", claudeOpus],
  ["claude-sonnet-4-6", claudeSonnet],
  ["claude-sonnet-4-5", claudeSonnet],
  ["claude-haiku-4-5", claudeHaiku],
]);

const modelsByHost: ReadonlyMap<string, ReadonlyMap<string, ModelFacts>> = new Map([
  ["api.openai.com", openAiModels],
  ["api.anthropic.com", anthropicModels],
]);

function toFacts(price: ModelPrice, contextWindow: number): ModelFacts {
  return { price, contextWindow };
}
