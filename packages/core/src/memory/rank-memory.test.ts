import fc from "fast-check";
import { expect, test } from "vitest";
import { rankMemory, sortByRank } from "./rank-memory.ts";

const dayMs = 86_400_000;
const nowMs = 1000 * dayMs;
const aged = (days: number, importance: number): { createdAtMs: number; importance: number } => ({
  createdAtMs: nowMs - days * dayMs,
  importance,
});

test.each([
  ["new and middling", aged(0, 0.5), 0.65],
  ["30 days old", aged(30, 1), 0.7 + 0.3 / Math.E],
  ["from the future", aged(-5, 0), 0.3],
])("the rank of %s", (_title, item, rank) => {
  expect(rankMemory(item, nowMs)).toBeCloseTo(rank, 10);
});

test("of two that are equally important the newer is first, and an old 0.9 beats a new 0.3", () => {
  const item = { projectRoot: "/p", text: "", kind: "semantic", tags: [], accessCount: 0, accessedAtMs: 0 } as const;
  const sorted = sortByRank(
    [
      { ...item, id: "new 0.3", ...aged(0, 0.3) },
      { ...item, id: "old 0.5", ...aged(10, 0.5) },
      { ...item, id: "new 0.5", ...aged(1, 0.5) },
      { ...item, id: "old 0.9", ...aged(400, 0.9) },
    ],
    nowMs,
  );
  expect(sorted.map(({ id }) => id)).toEqual(["new 0.5", "old 0.9", "old 0.5", "new 0.3"]);
});

test("a rank is 0 to 1, and falls with age", () => {
  const days = fc.double({ min: 0, max: 20_000, noNaN: true });
  fc.assert(
    fc.property(days, days, fc.double({ min: 0, max: 1, noNaN: true }), (some, more, importance) => {
      const newer = rankMemory(aged(Math.min(some, more), importance), nowMs);
      const older = rankMemory(aged(Math.max(some, more), importance), nowMs);
      expect(older).toBeLessThanOrEqual(newer);
      expect(newer).toBeLessThanOrEqual(1);
      expect(older).toBeGreaterThanOrEqual(0);
    }),
  );
});
