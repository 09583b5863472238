import { expect, test } from "vitest";
import { createInProcessEffects } from "./in-process-effects.ts";

const signal = new AbortController().signal;

test("the first answer wins, and nobody waits afterwards", async () => {
  const effects = createInProcessEffects();
  const answer = effects.wait<number>("k", { signal });
  expect(effects.resolve("other", 0)).toBe(false);
  expect(effects.resolve("k", 1)).toBe(true);
  expect(effects.resolve("k", 2)).toBe(false);
  expect(await answer).toBe(1);
});

test("a deadline that passes answers null, once", async () => {
  const effects = createInProcessEffects();
  expect(await effects.wait("k", { signal, deadlineMs: effects.now() })).toBeNull();
  expect(effects.resolve("k", 1)).toBe(false);
});

test("an abort rejects with its reason, before and during", async () => {
  const effects = createInProcessEffects();
  const stop = new AbortController();
  const waiting = effects.wait("k", { signal: stop.signal });
  const sleeping = effects.sleep("s", 60_000, { signal: stop.signal });
  const reason = new Error("enough");
  stop.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await expect(sleeping).rejects.toBe(reason);
  await expect(effects.wait("k", { signal: stop.signal })).rejects.toBe(reason);
  await expect(effects.sleep("s", 1, { signal: stop.signal })).rejects.toBe(reason);
  expect(effects.resolve("k", 1)).toBe(false);
});

test("an act that throws at once is a rejection", async () => {
  const act = (): Promise<never> => {
    throw new Error("at once");
  };
  await expect(createInProcessEffects().run("k", act)).rejects.toThrow("at once");
});
