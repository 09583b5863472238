import { z } from "zod";
import { findJsonObject } from "./find-json-object.ts";
import type { Plan, PlanStep } from "./plan.ts";

/** More steps are no plan that anyone follows. */
const maxSteps = 50;
const maxTextLength = 500;

/**
 * Reads the plan in a model's answer: one JSON object, alone or in prose or a code block. Null when there is none, when
 * it is not of the shape asked for, has no step or more than 50, or two steps of one id: there is no plan then, and
 * nothing is made up in its place. Steps without an id are numbered by their place.
 */
export function parsePlan(answer: string): Plan | null {
  const parsed = planSchema.safeParse(findJsonObject(answer));
  if (!parsed.success) return null;
  const { goal, complexity, steps } = parsed.data;
  const planSteps = steps.map(
    (step, index): PlanStep => ({
      ...step,
      id: step.id ?? String(index + 1),
      tool: step.tool ?? null,
      status: "pending",
    }),
  );
  const ids = new Set(planSteps.map(({ id }) => id));
  return ids.size === planSteps.length ? { goal, complexity, steps: planSteps } : null;
}

const line = z.string().trim().min(1).max(maxTextLength);
const stepId = z.union([line.max(64), z.number().transform(String)]);
const lines = z
  .array(line)
  .max(maxSteps)
  .nullish()
  .transform((items) => items ?? []);

const planSchema = z.object({
  goal: line,
  complexity: z.enum(["low", "medium", "high"]).catch("medium"),
  steps: z
    .array(
      z.object({
        id: stepId.nullish(),
        text: line,
        tool: line.nullish().catch(null),
        dependencies: z
          .array(stepId)
          .max(maxSteps)
          .nullish()
          .transform((items) => items ?? []),
        criteria: lines,
      }),
    )
    .min(1)
    .max(maxSteps),
});
