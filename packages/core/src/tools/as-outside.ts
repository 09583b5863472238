import type { Tool } from "./tool.ts";

/** A tool that somebody else than the agent offers: its results are text from outside, unless it says whose it is. */
export function asOutside(tool: Tool): Tool {
  if (tool.source !== undefined) return tool;
  // Not a copy of its fields: a tool may be an object of a class.
  return Object.freeze({
    name: tool.name,
    description: tool.description,
    inputSchema: tool.inputSchema,
    source: "external",
    assess: (input: unknown, context) => tool.assess(input, context),
    execute: (input: unknown, context) => tool.execute(input, context),
  } satisfies Tool);
}
