import { expect, test } from "vitest";
import type { Complete, CompletionRequest } from "../completion/direct-completion.ts";
import { makePlan } from "./make-plan.ts";

const { signal } = new AbortController();

test("the model is asked once, for the task as it is, under a label of its own", async () => {
  const asked: CompletionRequest[] = [];
  const complete: Complete = async (request) => {
    asked.push(request);
    return { kind: "finished", text: '{"goal":"fixed","steps":[{"text":"look"}]}', isTruncated: false };
  };
  const plan = await makePlan("fix the bug", { complete, signal });
  expect(plan).toMatchObject({ goal: "fixed", steps: [{ id: "1", text: "look" }] });
  expect(asked).toMatchObject([{ prompt: "fix the bug", label: "plan", signal }]);
});

test.each<[string, Complete]>([
  ["answers with something else", async () => ({ kind: "finished", text: "I would rather not.", isTruncated: false })],
  ["fails", async () => ({ kind: "failed", failure: { code: "server", message: "500" } })],
  ["cannot be asked", async () => Promise.reject(new Error("aborted"))],
])("a model that %s gives no plan, and no failure", async (_case, complete) => {
  expect(await makePlan("x", { complete, signal })).toBeNull();
});
