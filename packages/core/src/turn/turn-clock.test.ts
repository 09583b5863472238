import { expect, test } from "vitest";
import { TurnClock } from "./turn-clock.ts";

test("every millisecond is booked once, and an inner activity interrupts the outer one", async () => {
  let nowMs = 1000;
  const clock = new TurnClock(() => nowMs);
  nowMs += 1;
  await clock.during("tool", async () => {
    nowMs += 10;
    await clock.during("wait", async () => {
      nowMs += 100;
    });
    nowMs += 20;
  });
  await expect(
    clock.during("model", async () => {
      nowMs += 1000;
      throw new Error("no");
    }),
  ).rejects.toThrow("no");
  nowMs += 2;
  expect(clock.read()).toEqual({ totalMs: 1133, modelMs: 1000, toolMs: 30, waitMs: 100, ownMs: 3 });
});
