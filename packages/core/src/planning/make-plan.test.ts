import { expect, test } from "vitest";
import { type Complete, makePlan } from "./make-plan.ts";

test("the model is asked once, for the task as it is, under a label of its own", async () => {
  const asked: Parameters<Complete>[0][] = [];
  const plan = await makePlan("fix the bug", async (request) => {
    asked.push(request);
    return '{"goal":"fixed","steps":[{"text":"look"}]}';
  });
  expect(plan).toMatchObject({ goal: "fixed", steps: [{ id: "1", text: "look" }] });
  expect(asked).toMatchObject([{ prompt: "fix the bug", label: "plan" }]);
});

test.each<[string, Complete]>([
  ["answers with something else", async () => "I would rather not."],
  ["cannot be asked", async () => Promise.reject(new Error("no network"))],
])("a model that %s gives no plan, and no failure", async (_case, complete) => {
  expect(await makePlan("x", complete)).toBeNull();
});
