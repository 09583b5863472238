import { z } from "zod";
import type { Tool, ToolContext, ToolResult } from "../../src/tools/tool.ts";
import type { ToolEffect } from "../../src/tools/tool-effect.ts";

/** A tool whose effect and behaviour a test chooses. */
export function createProbeTool(options: {
  readonly name?: string;
  readonly effect?: ToolEffect;
  readonly execute?: (input: { readonly value: string }, context: ToolContext) => Promise<ToolResult> | ToolResult;
}): Tool {
  const tool: Tool<{ readonly value: string }> = {
    name: options.name ?? "Probe",
    description: "a probe",
    inputSchema: z.object({ value: z.string() }),
    assess: (input) => ({ effect: options.effect ?? "read-only", paths: [], commands: [], subject: input.value }),
    execute: async (input, context) =>
      (await options.execute?.(input, context)) ?? { text: `probed ${input.value}`, isError: false },
  };
  // The engine hands a tool exactly what its own schema has parsed.
  return tool as Tool;
}
