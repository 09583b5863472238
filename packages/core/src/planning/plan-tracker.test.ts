import fc from "fast-check";
import { expect, test } from "vitest";
import type { EngineEvent } from "../events/engine-event.ts";
import { parsePlan } from "./parse-plan.ts";
import { type PlanMark, PlanTracker } from "./plan-tracker.ts";

test("a plan is told with its goal and steps, then every step's start and end with its number and their total", () => {
  const { tracker, events } = openTracker([
    { id: "a", text: "read" },
    { id: "b", text: "write" },
  ]);
  tracker.mark("a", "running");
  tracker.mark("a", "done");
  tracker.mark("b", "running");
  tracker.mark("b", "failed");
  expect(events).toEqual([
    {
      type: "plan",
      goal: "g",
      steps: [
        { id: "a", text: "read" },
        { id: "b", text: "write" },
      ],
    },
    { type: "plan-step-start", stepId: "a", number: 1, total: 2 },
    { type: "plan-step-end", stepId: "a", outcome: "done", number: 1, total: 2 },
    { type: "plan-step-start", stepId: "b", number: 2, total: 2 },
    { type: "plan-step-end", stepId: "b", outcome: "failed", number: 2, total: 2 },
  ]);
  expect(tracker.progress).toBe(0.5);
});

test("a step that only ends starts and ends at once", () => {
  const { tracker, events } = openTracker([{ text: "a" }]);
  tracker.mark("1", "done");
  expect(events.slice(1).map(({ type }) => type)).toEqual(["plan-step-start", "plan-step-end"]);
});

test("saying the same again changes nothing and tells nothing", () => {
  const { tracker, events } = openTracker([{ text: "a" }]);
  for (const mark of ["running", "running", "done", "done"] as const) {
    expect(tracker.mark("1", mark).kind).toBe("marked");
  }
  expect(events).toHaveLength(3);
});

test.each<[string, string, PlanMark, RegExp]>([
  ["a step that is not there", "ghost", "done", /no step "ghost"/],
  ["a step before its dependencies", "c", "running", /must wait for b \(pending\)/],
  ["a step after one that is not there", "d", "done", /must wait for ghost \(missing\)/],
  ["a step that has ended", "a", "running", /has ended: done/],
])("%s cannot be marked, and the model reads why", (_case, stepId, mark, reason) => {
  const { tracker, events } = openTracker([
    { id: "a", text: "a" },
    { id: "b", text: "b", dependencies: ["a"] },
    { id: "c", text: "c", dependencies: ["a", "b"] },
    { id: "d", text: "d", dependencies: ["ghost"] },
  ]);
  tracker.mark("a", "done");
  const count = events.length;
  expect(tracker.mark(stepId, mark)).toEqual({ kind: "refused", reason: expect.stringMatching(reason) });
  expect(events).toHaveLength(count);
});

test("steps that can never begin are reported, and can be skipped", () => {
  const { tracker } = openTracker([{ id: "a", text: "a", dependencies: ["ghost"] }]);
  expect(tracker.problems).toEqual([{ kind: "missing-dependency", stepId: "a", dependency: "ghost" }]);
  expect(tracker.mark("a", "skipped").kind).toBe("marked");
});

test("whatever is marked, after closing every step has one start and then one end, and is in a final state", () => {
  const anyMarks = fc.array(
    fc.tuple(
      fc.constantFrom("a", "b", "c", "ghost"),
      fc.constantFrom<PlanMark>("running", "done", "failed", "skipped"),
    ),
  );
  fc.assert(
    fc.property(anyMarks, (marks) => {
      const steps = [
        { id: "a", text: "a" },
        { id: "b", text: "b", dependencies: ["a"] },
        { id: "c", text: "c" },
      ];
      const { tracker, events } = openTracker(steps);
      for (const [stepId, mark] of marks) tracker.mark(stepId, mark);
      tracker.close();
      tracker.close();
      for (const { id } of steps) {
        const told = events.filter((event) => "stepId" in event && event.stepId === id).map(({ type }) => type);
        expect(told).toEqual(["plan-step-start", "plan-step-end"]);
      }
      expect(tracker.plan.steps.every(({ status }) => /^(?:done|failed|skipped)$/.test(status))).toBe(true);
    }),
  );
});

function openTracker(steps: readonly object[]): { readonly tracker: PlanTracker; readonly events: EngineEvent[] } {
  const plan = parsePlan(JSON.stringify({ goal: "g", steps }));
  if (plan === null) throw new Error("the plan of this test cannot be read");
  const events: EngineEvent[] = [];
  return { tracker: new PlanTracker(plan, (event) => events.push(event)), events };
}
