import type { ProjectContext } from "./read-project-context.ts";

/**
 * The system prompt of a request: what is fixed first, what belongs to the project after it.
 * The same input gives the same bytes, so that the caches of providers hit.
 */
export function composePrompt(staticPrompt: string, context: ProjectContext): string {
  const facts = [
    `Project directory: ${context.projectRoot}`,
    `Platform: ${context.platform}`,
    `Date: ${context.date}`,
    ...(context.gitBranch === null ? [] : [`Git branch at the start of the turn: ${context.gitBranch}`]),
  ];
  const sections = [staticPrompt, `# Environment\n\n${facts.join("\n")}`];
  for (const { name, text } of context.instructions) {
    sections.push(`# Instructions of this project (${name})\n\n${text}`);
  }
  return sections.join("\n\n");
}
