import { expect, test } from "vitest";
import { ToolCatalog } from "../tools/catalog.ts";
import type { ToolContext, ToolResult } from "../tools/tool.ts";
import { parsePlan } from "./parse-plan.ts";
import { type PlanMarker, PlanTracker } from "./plan-tracker.ts";
import { updatePlanTool } from "./update-plan.ts";

test("a mark moves the step, and the answer shows the plan and what may begin", async () => {
  const result = await update({ step: 1, status: "completed" });
  expect(result).toEqual({ isError: false, text: "[x] 1. read\n[ ] 2. write\nready to begin: 2" });
});

test("a refused mark is a failure that the model can act on", async () => {
  expect(await update({ step: "2", status: "in_progress" })).toEqual({
    isError: true,
    text: "step 2 must wait for 1 (pending); skip it if it cannot be done",
  });
});

test("an unknown status is refused before anything is marked", () => {
  expect(updatePlanTool.inputSchema.safeParse({ step: "1", status: "perhaps" }).success).toBe(false);
});

test("without a plan the model is told so", async () => {
  const result = await updatePlanTool.execute({ step: "1", status: "done" }, noContext);
  expect(result).toMatchObject({ isError: true, text: expect.stringContaining("no plan") });
});

test("a model is shown the four states", () => {
  expect(ToolCatalog.create([updatePlanTool]).definitions()[0]?.inputSchema).toMatchObject({
    properties: { step: { type: "string" }, status: { enum: ["running", "done", "failed", "skipped"] } },
    required: ["step", "status"],
  });
});

/** It uses nothing of the context but the plan. */
const noContext = {} as unknown as ToolContext;

async function update(input: unknown): Promise<ToolResult> {
  const answer = '{"goal":"g","steps":[{"text":"read"},{"text":"write","dependencies":["1"]}]}';
  const plan = parsePlan(answer);
  if (plan === null) throw new Error("the plan of this test cannot be read");
  const context: ToolContext & { readonly plan: PlanMarker } = {
    ...noContext,
    plan: new PlanTracker(plan, () => undefined),
  };
  return updatePlanTool.execute(updatePlanTool.inputSchema.parse(input), context);
}
