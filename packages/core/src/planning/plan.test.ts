import fc from "fast-check";
import { expect, test } from "vitest";
import { findPlanProblems, type Plan, type PlanStepStatus, planProgress, readySteps, withStepStatus } from "./plan.ts";

/** `a:running<b,c`: step a, running, after b and c. */
function toPlan(...lines: readonly string[]): Plan {
  const steps = lines.map((line) => {
    const [head = "", after = ""] = line.split("<");
    const [id = "", status = "pending"] = head.split(":");
    const dependencies = after === "" ? [] : after.split(",");
    return { id, text: id, tool: null, dependencies, criteria: [], status: status as PlanStepStatus };
  });
  return { goal: "g", complexity: "low", steps };
}

const ids = (plan: Plan): readonly string[] => readySteps(plan).map(({ id }) => id);

test.each<[string, readonly string[], readonly string[]]>([
  ["a pending step without dependencies", ["a", "b:running", "c:done", "d:failed", "e:skipped"], ["a"]],
  ["a step whose dependencies are all done", ["a:done", "b:done", "c<a,b", "d<a,e", "e:running"], ["c"]],
  ["no step after one that failed or was skipped", ["a:failed", "b:skipped", "c<a", "d<b"], []],
  ["no step after one that is not there", ["a<ghost"], []],
  ["nothing in a plan without steps", [], []],
])("ready is %s", (_rule, lines, ready) => {
  expect(ids(toPlan(...lines))).toEqual(ready);
});

test("progress is the share of steps that are done, and 0 for a plan without steps", () => {
  expect(planProgress(toPlan("a:done", "b:done", "c:skipped", "d:failed"))).toBe(0.5);
  expect(planProgress(toPlan())).toBe(0);
});

test("dependencies that no step has are reported with the step that waits for them", () => {
  expect(findPlanProblems(toPlan("a", "b<a,ghost"))).toEqual([
    { kind: "missing-dependency", stepId: "b", dependency: "ghost" },
  ]);
});

test("steps that wait for themselves are reported; those before, between and after them are not", () => {
  const plan = toPlan("before", "a<b,before", "b<a", "between<a", "c<d,between", "d<c", "after<d", "self<self");
  expect(findPlanProblems(plan)).toEqual([{ kind: "cycle", stepIds: ["a", "b", "c", "d", "self"] }]);
});

test("a plan is a value: moving a step leaves the old one as it was", () => {
  const plan = toPlan("a", "b");
  const moved = withStepStatus(plan, "a", "done");
  expect([planProgress(plan), planProgress(moved)]).toEqual([0, 0.5]);
  expect(withStepStatus(plan, "ghost", "done")).toEqual(plan);
});

const anyPlan = fc
  .array(fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 3 }), { maxLength: 8 })
  .map((rows) => toPlan(...rows.map((after, index) => `${index}${after.length === 0 ? "" : `<${after.join(",")}`}`)));

test("doing what is ready, as long as something is, does the whole plan exactly when nothing is reported", () => {
  fc.assert(
    fc.property(anyPlan, (plan) => {
      let current = plan;
      for (let next = readySteps(current)[0]; next !== undefined; next = readySteps(current)[0]) {
        current = withStepStatus(current, next.id, "done");
      }
      const isWhole = current.steps.every(({ status }) => status === "done");
      expect(isWhole).toBe(findPlanProblems(plan).length === 0);
    }),
  );
});
