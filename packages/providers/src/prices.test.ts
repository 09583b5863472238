import { expect, test } from "vitest";
import { createOpenAi } from "./openai/create-openai.ts";
import { findModelFacts, priceSources, pricesDate } from "./prices.ts";

const openAi = "api.openai.com";
const anthropic = "api.anthropic.com";

test.each([
  [openAi, "gpt-5", { input: 1.25, output: 10, cacheRead: 0.125 }],
  [openAi, "gpt-5-2025-08-07", { input: 1.25, output: 10, cacheRead: 0.125 }],
  [openAi, "gpt-5-nano", { input: 0.05, output: 0.4, cacheRead: 0.005 }],
  [openAi, "gpt-4.1-mini", { input: 0.4, output: 1.6, cacheRead: 0.1 }],
  [openAi, "gpt-4o-2024-08-06", { input: 2.5, output: 10, cacheRead: 1.25 }],
  [openAi, "gpt-4o-2024-05-13", { input: 5, output: 15 }],
  [anthropic, "claude-sonnet-4-5-20250929", { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 }],
  [anthropic, "claude-opus-4-8", { input: 5, output: 25, cacheRead: 0.5, cacheWrite: 6.25 }],
])("at %s %s has its list price", (host, model, price) => {
  expect(findModelFacts(host, model)?.price).toEqual(price);
});

test.each([
  [openAi, "gpt-5x"],
  [openAi, "gpt-5-latest"],
  [openAi, "ft:gpt-4o-2024-08-06:acme::1"],
  [openAi, "GPT-5"],
  [openAi, "gpt-6"],
  [openAi, ""],
  [openAi, "claude-opus-5"],
  [anthropic, "gpt-5"],
  ["openrouter.ai", "gpt-5"],
  ["localhost", "gpt-5"],
])("at %s the price of %j is not known", (host, model) => {
  expect(findModelFacts(host, model)).toBeNull();
});

test("the prices say where they come from and when they were looked up", () => {
  expect(pricesDate).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  expect(Object.keys(priceSources)).toEqual([openAi, anthropic]);
});

test("a model at its vendor comes with its price and window", () => {
  expect(createOpenAi({ apiKey: "k", model: "gpt-5" })).toMatchObject({
    price: { input: 1.25, output: 10, cacheRead: 0.125 },
    contextWindow: 272_000,
  });
  const claude = { apiKey: "k", baseUrl: "https://api.anthropic.com/v1", model: "claude-haiku-4-5" };
  expect(createOpenAi(claude)).toMatchObject({ price: { input: 1, output: 5 }, contextWindow: 200_000 });
});

test("the same name at another server has no known price or window", () => {
  const { price, contextWindow } = createOpenAi({ apiKey: "k", baseUrl: "https://openrouter.ai/v1", model: "gpt-5" });
  expect([price, contextWindow]).toEqual([undefined, undefined]);
});

test("a price and a window that are given win over the list", () => {
  const given = { price: { input: 1, output: 2 }, contextWindow: 1_000_000 };
  expect(createOpenAi({ apiKey: "k", model: "gpt-5", ...given })).toMatchObject(given);
  expect(createOpenAi({ apiKey: "", baseUrl: "http://localhost:1/v1", model: "m", ...given })).toMatchObject(given);
});

test("with a larger window than the price holds for, the price is not known", () => {
  expect(createOpenAi({ apiKey: "k", model: "gpt-5.5", contextWindow: 1_000_000 }).price).toBeUndefined();
  expect(createOpenAi({ apiKey: "k", model: "gpt-5.5", contextWindow: 100_000 }).price).toMatchObject({ input: 5 });
});
