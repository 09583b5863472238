import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { withinDeadline } from "./within-deadline.ts";

const { signal } = new AbortController();
const slowClock = (_durationMs: number, options: { readonly signal: AbortSignal }): Promise<void> =>
  delay(60_000, undefined, options);

test("what is done in time is the result, and the clock is let go", async () => {
  const signals: AbortSignal[] = [];
  const sleep = (_durationMs: number, options: { readonly signal: AbortSignal }): Promise<void> => {
    signals.push(options.signal);
    return slowClock(_durationMs, options);
  };
  expect(await withinDeadline(async () => "done", { deadlineMs: 5, sleep, signal })).toBe("done");
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
});

test("what throws at once is a rejection like any other", async () => {
  const fail = (): never => {
    throw new Error("no");
  };
  await expect(withinDeadline(fail, { deadlineMs: 5, sleep: slowClock, signal })).rejects.toThrow("no");
});

test("what comes too late is dropped, its failure too", async () => {
  const { promise, reject } = Promise.withResolvers<never>();
  const work = withinDeadline(() => promise, { deadlineMs: 5, sleep: async () => undefined, signal });
  await expect(work).rejects.toMatchObject({ name: "TimeoutError" });
  reject(new Error("late"));
  await delay(0);
});
