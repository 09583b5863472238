import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import type { CompletedTurn, ContextItem, ContextProvider, ContextQuery } from "./context-provider.ts";
import { ContextProviders } from "./context-providers.ts";
import type { ProviderLimits } from "./query-context.ts";

const item = (text: string): ContextItem => ({ type: "resource", source: "notes", text });
const provider = (name: string, query: ContextProvider["query"]): ContextProvider => ({ name, query });
const saying = (name: string): ContextProvider => provider(name, async () => [item(`from ${name}`)]);
const never = (): Promise<never> => new Promise(() => undefined);
const request = { text: "Fix it.", sessionId: "s1" };

/** A deadline that never passes. */
const patient = (signal = new AbortController().signal): ProviderLimits => ({
  signal,
  sleep: (_durationMs, options) => delay(60_000, undefined, options),
});
/** A deadline that has passed as soon as everything that is quick is done. */
const hurried: ProviderLimits = {
  signal: new AbortController().signal,
  sleep: (_durationMs, options) => delay(1, undefined, options),
};

const open = (...all: readonly ContextProvider[]): ContextProviders => {
  const providers = new ContextProviders();
  for (const one of all) providers.add(one);
  return providers;
};

test("names are in the order of adding; a second of one name is refused, an unknown one is not removed", () => {
  const providers = open(saying("memory"), saying("docs"));
  expect(() => providers.add(saying("docs"))).toThrow(expect.objectContaining({ code: "bad_option" }));
  expect(() => providers.add(saying(""))).toThrow(expect.objectContaining({ code: "bad_option" }));
  expect(providers.names()).toEqual(["memory", "docs"]);
  expect(providers.remove("docs")).toBe(true);
  expect(providers.remove("docs")).toBe(false);
  expect(providers.names()).toEqual(["memory"]);
});

test("a provider is asked with the whole query, and its defaults", async () => {
  const asked: ContextQuery[] = [];
  const providers = open(
    provider("p", async (query) => {
      asked.push(query);
      return [];
    }),
  );
  await providers.query({ ...request, params: { tenant: "a" } }, patient());
  expect(asked).toEqual([
    {
      text: "Fix it.",
      sessionId: "s1",
      types: ["memory", "resource", "skill"],
      depth: "overview",
      maxItems: 10,
      maxTokens: 4000,
      params: { tenant: "a" },
      signal: expect.any(AbortSignal),
    },
  ]);
});

test("what is removed says nothing at the next prompt", async () => {
  const providers = open(saying("memory"), saying("docs"));
  expect(await providers.query(request, patient())).toMatchObject({ items: 2, skipped: [] });
  providers.remove("memory");
  const { text, items } = await providers.query(request, patient());
  expect(text).toContain("from docs");
  expect(text).not.toContain("from memory");
  expect(items).toBe(1);
});

test("providers are asked at the same time", async () => {
  const { promise: second, resolve } = Promise.withResolvers<void>();
  const providers = open(
    provider("waits", async () => {
      await second;
      return [item("a")];
    }),
    provider("frees", async () => {
      resolve();
      return [item("b")];
    }),
  );
  expect((await providers.query(request, patient())).items).toBe(2);
});

test("one that throws, now or later, or answers nonsense is skipped with its reason; the rest is used", async () => {
  const providers = open(
    provider("throws", () => {
      throw new Error("no index");
    }),
    provider("rejects", async () => Promise.reject(new Error("no network"))),
    provider("nonsense", async () => "text" as never),
    provider("half", async () => [{ type: "resource", text: 1 }] as never),
    saying("good"),
  );
  const answer = await providers.query(request, patient());
  expect(answer.text).toContain("from good");
  expect(answer.skipped).toEqual([
    { name: "throws", reason: "no index" },
    { name: "rejects", reason: "no network" },
    { name: "nonsense", reason: "its answer is no list of items" },
    { name: "half", reason: "its answer is no list of items" },
  ]);
});

test("one that is too slow is skipped, and told to stop", async () => {
  const signals: AbortSignal[] = [];
  const slow = provider("slow", (query) => {
    signals.push(query.signal);
    return never();
  });
  const answer = await open(slow, saying("good")).query(request, { ...hurried, deadlineMs: 2000 });
  expect(answer).toMatchObject({ items: 1, skipped: [{ name: "slow", reason: "not done within 2000 ms" }] });
  expect(signals[0]?.aborted).toBe(true);
});

test("an aborted turn does not wait for its providers", async () => {
  const controller = new AbortController();
  const reason = new Error("cancelled");
  const query = open(provider("slow", never)).query(request, patient(controller.signal));
  controller.abort(reason);
  await expect(query).rejects.toBe(reason);
  await expect(open(saying("a")).query(request, patient(controller.signal))).rejects.toBe(reason);
});

test("types that were not asked for, and items beyond the limit, are left out", async () => {
  const many = provider("many", async () => Array.from({ length: 1000 }, (_, index) => item(`n${index}`)));
  expect((await open(many).query(request, patient())).items).toBe(10);
  expect((await open(many).query({ ...request, types: ["memory"] }, patient())).items).toBe(0);
});

test("every provider is told once of a completed turn, and a failure is only reported", async () => {
  const told: CompletedTurn[] = [];
  const turn = { sessionId: "s1", turnId: "t1", prompt: "Fix it.", answer: "Done." };
  const providers = open(
    { ...saying("throws"), afterTurn: () => Promise.reject(new Error("disk full")) },
    { ...saying("hangs"), afterTurn: never },
    saying("silent"),
    {
      ...saying("listens"),
      afterTurn: async (completed) => {
        told.push(completed);
      },
    },
  );
  expect(await providers.afterTurn(turn, { ...hurried, deadlineMs: 5 })).toEqual([
    { name: "throws", reason: "disk full" },
    { name: "hangs", reason: "not done within 5 ms" },
  ]);
  expect(told).toEqual([turn]);
});
