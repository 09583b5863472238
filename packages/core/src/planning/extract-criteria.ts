import { z } from "zod";
import type { Complete } from "../completion/direct-completion.ts";
import { findJsonObject } from "./find-json-object.ts";
import type { GoalCriterion } from "./goal.ts";

const maxCriteria = 10;
const maxTextLength = 500;

/**
 * Asks a model, once for a goal, by what one sees that it is achieved. The criteria are texts for a judge, never
 * commands: a model does not get a command run by calling it a check. Empty when none can be read, or the model cannot
 * be asked; such a goal is never achieved by itself.
 */
export async function extractCriteria(
  goalText: string,
  { complete, signal }: { readonly complete: Complete; readonly signal: AbortSignal },
): Promise<readonly GoalCriterion[]> {
  const request = { system: criteriaInstructions, prompt: goalText, label: "goal", signal };
  const answer = await complete(request).catch(() => null);
  const parsed = criteriaSchema.safeParse(answer?.kind === "finished" ? findJsonObject(answer.text) : null);
  return parsed.success ? parsed.data.criteria.map((text): GoalCriterion => ({ kind: "judged", text })) : [];
}

const criteriaSchema = z.object({
  criteria: z.array(z.string().trim().min(1).max(maxTextLength)).max(maxCriteria),
});

const criteriaInstructions = `The user's message is a goal of a coding agent. Say by what one sees that it is achieved.
Answer with one JSON object and nothing else: {"criteria": ["..."]}, with 1 to 5 short statements, each true or false, each
one that can be seen from what the agent did.`;
