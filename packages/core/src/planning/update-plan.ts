import { z } from "zod";
import { normalizeInput } from "../tools/normalize-input.ts";
import type { Tool, ToolContext, ToolResult } from "../tools/tool.ts";
import { failed } from "../tools/tool-failure.ts";
import { type Plan, type PlanStepStatus, readySteps } from "./plan.ts";
import type { PlanMark, PlanMarker } from "./plan-tracker.ts";

interface UpdatePlanInput {
  readonly step: string;
  readonly status: PlanMark;
}

/** UpdatePlan: says how far a step of the plan is. Offered only where planning is on. */
export const updatePlanTool: Tool<UpdatePlanInput> = {
  name: "UpdatePlan",
  description:
    "Marks a step of the plan: running when you begin it, then done, failed or skipped. Mark each step as you go; one at a time.",
  inputSchema: normalizeInput(
    z.object({
      step: z
        .preprocess((id) => (typeof id === "number" ? String(id) : id), z.string().min(1))
        .describe("The id of the step"),
      status: z
        .preprocess(toMark, z.enum(["running", "done", "failed", "skipped"]))
        .describe("running, done, failed or skipped"),
    }),
    { id: "step", stepId: "step", step_id: "step", state: "status" },
  ),
  assess: ({ step, status }) => ({ effect: "read-only", paths: [], commands: [], subject: `${step}: ${status}` }),
  execute: async ({ step, status }, context: ToolContext & { readonly plan?: PlanMarker | undefined }) => {
    if (context.plan === undefined) return failed("there is no plan; go on without one");
    const result = context.plan.mark(step, status);
    return result.kind === "refused" ? failed(result.reason) : toResult(result.plan);
  },
};

function toMark(word: unknown): unknown {
  if (typeof word !== "string") return word;
  const key = word.toLowerCase().replace(/[^a-z]/g, "");
  return marksByWord.get(key) ?? key;
}

function toResult(plan: Plan): ToolResult {
  const lines = plan.steps.map(({ id, text, status }) => `${signs[status]} ${id}. ${text}`);
  const ready = readySteps(plan).map(({ id }) => id);
  const next = ready.length === 0 ? [] : [`ready to begin: ${ready.join(", ")}`];
  return { text: [...lines, ...next].join("\n"), isError: false };
}

const marksByWord: ReadonlyMap<string, PlanMark> = new Map([
  ["inprogress", "running"],
  ["started", "running"],
  ["start", "running"],
  ["completed", "done"],
  ["complete", "done"],
  ["finished", "done"],
  ["cancelled", "skipped"],
  ["canceled", "skipped"],
  ["skip", "skipped"],
  ["error", "failed"],
]);

const signs: Readonly<Record<PlanStepStatus, string>> = {
  pending: "[ ]",
  running: "[>]",
  done: "[x]",
  failed: "[!]",
  skipped: "[-]",
};
