import { arrangePrompt } from "./arrange-prompt.ts";
import type { PromptContribution } from "./prompt-contribution.ts";
import type { ProjectContext } from "./read-project-context.ts";

/**
 * The system prompt of a request: what is fixed first, then what belongs to the project, last what changes by the day.
 * `contributions` add to it, or replace parts of it. The same input gives the same bytes, so that the caches of
 * providers hit.
 */
export function composePrompt(
  staticPrompt: string,
  context: ProjectContext,
  contributions: readonly PromptContribution[] = [],
): string {
  return arrangePrompt([...toCoreContributions(staticPrompt, context), ...contributions]);
}

function toCoreContributions(staticPrompt: string, context: ProjectContext): readonly PromptContribution[] {
  const place = [`Project directory: ${context.projectRoot}`, `Platform: ${context.platform}`];
  const moment = [
    `Date: ${context.date}`,
    ...(context.gitBranch === null ? [] : [`Git branch at the start of the turn: ${context.gitBranch}`]),
  ];
  return [
    { slot: "identity", id: "agent", text: staticPrompt, layer: "core", mode: "add" },
    { slot: "environment", id: "place", text: `# Environment\n\n${place.join("\n")}`, layer: "core", mode: "add" },
    ...context.instructions.map(
      ({ name, text }, index): PromptContribution => ({
        slot: "project-instructions",
        // Their own order counts, not that of their names.
        id: `${index.toString().padStart(4, "0")} ${name}`,
        text: `# Instructions of this project (${name})\n\n${text}`,
        layer: "core",
        mode: "add",
      }),
    ),
    { slot: "moment", id: "moment", text: `# Now\n\n${moment.join("\n")}`, layer: "core", mode: "add" },
  ];
}
