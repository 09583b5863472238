import fc from "fast-check";
import { expect, test } from "vitest";
import { checkBudget, decideBudget, type TurnBudget, type TurnSpending } from "./budget.ts";

const spent = (spending: Partial<TurnSpending>): TurnSpending => ({
  costMicros: 0,
  unpricedRequests: 0,
  elapsedMs: 0,
  steps: 0,
  ...spending,
});

test.each<[TurnBudget, Partial<TurnSpending>, string, string]>([
  [
    { maxCostMicros: 500_000 },
    { costMicros: 520_000 },
    "max-cost",
    "stopped: the turn cost $0.52 of the $0.50 it may cost",
  ],
  [
    { maxCostMicros: 3000 },
    { costMicros: 3100 },
    "max-cost",
    "stopped: the turn cost $0.0031 of the $0.0030 it may cost",
  ],
  [{ maxTurnMs: 60_000 }, { elapsedMs: 61_240 }, "timeout", "stopped: the turn took 61.2 s of the 60 s it may take"],
  [{ maxSteps: 3 }, { steps: 3 }, "max-turns", "stopped after 3 steps without being done"],
])("%j with %j used is a limit that says what was used", (budget, used, limit, message) => {
  expect(decideBudget(budget, spent(used))).toEqual({ kind: "limit", limit, message });
});

test("without bounds a turn goes on, whatever it used", () => {
  const used = spent({ costMicros: 1e12, unpricedRequests: 5, elapsedMs: 1e12, steps: 1e6 });
  expect(decideBudget({}, used)).toEqual({ kind: "go-on", warning: null });
});

test("a limit on cost that cannot be enforced is said, and the turn goes on", () => {
  const verdict = decideBudget({ maxCostMicros: 1 }, spent({ unpricedRequests: 1 }));
  expect(verdict).toEqual({ kind: "go-on", warning: expect.stringContaining("cannot be enforced") });
});

test("what is known of the cost still counts when a part of it is not", () => {
  const verdict = decideBudget({ maxCostMicros: 10 }, spent({ costMicros: 10, unpricedRequests: 1 }));
  expect(verdict).toMatchObject({ kind: "limit", limit: "max-cost" });
});

test("a bound is reached exactly when as much is used as it says", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 0, max: 1000 }), (bound, used) => {
      const kinds = [
        decideBudget({ maxCostMicros: bound }, spent({ costMicros: used })),
        decideBudget({ maxTurnMs: bound }, spent({ elapsedMs: used })),
        decideBudget({ maxSteps: bound }, spent({ steps: used })),
      ].map((verdict) => verdict.kind);
      expect(new Set(kinds)).toEqual(new Set([used >= bound ? "limit" : "go-on"]));
    }),
  );
});

test.each([{ maxCostMicros: 0 }, { maxTurnMs: -1 }, { maxSteps: 1.5 }, { maxCostMicros: Number.NaN }])(
  "%j is no budget",
  (budget) => {
    expect(() => checkBudget(budget)).toThrow(expect.objectContaining({ code: "bad_option" }));
  },
);

test("a budget with absent bounds is one", () => {
  expect(() => checkBudget({ maxCostMicros: undefined, maxSteps: 1 })).not.toThrow();
});
