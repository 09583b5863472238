import type { Complete } from "../completion/direct-completion.ts";
import { parsePlan } from "./parse-plan.ts";
import type { Plan } from "./plan.ts";

/**
 * Asks the model how it will go about `task`, before anything runs. Null when it gives no plan that can be read, cannot
 * be asked, or `signal` aborts: a plan is a help, and its failure never a reason to fail what it was for.
 */
export async function makePlan(
  task: string,
  { complete, signal }: { readonly complete: Complete; readonly signal: AbortSignal },
): Promise<Plan | null> {
  const request = { system: planInstructions, prompt: task, label: "plan", signal };
  const answer = await complete(request).catch(() => null);
  return answer?.kind === "finished" ? parsePlan(answer.text) : null;
}

const planInstructions = `You plan the work of a coding agent. The user's message is the task; do not carry it out, plan it.
Answer with one JSON object and nothing else:
{"goal": "what is true when the task is done, in one sentence",
 "complexity": "low" | "medium" | "high",
 "steps": [{"id": "1", "text": "what to do", "tool": "the tool it needs most, or null",
            "dependencies": ["ids of steps that must be done first"], "criteria": ["what shows that the step is done"]}]}
Use 2 to 10 steps, each something that can be checked. Use as few as the task needs.`;
