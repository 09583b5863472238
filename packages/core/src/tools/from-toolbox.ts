import { z } from "zod";
import type { ToolboxTool } from "../ports/toolbox.ts";
import type { Tool } from "./tool.ts";

const maxSubjectLength = 200;
/** As long as the longest answer of a built-in tool. */
const maxTextLength = 40_000;

/** A tool from outside as one of ours. Its input is passed on as the JSON object it is; its owner checks it. */
export function fromToolbox(tool: ToolboxTool): Tool<Readonly<Record<string, unknown>>> {
  return {
    name: tool.name,
    description: tool.description,
    source: "external",
    inputSchema: z.record(z.string(), z.unknown()),
    assess: (input) => ({ effect: tool.effect, paths: [], commands: [], subject: describeInput(input) }),
    execute: async (input, { signal }) => {
      const { text, isError } = await tool.execute(input, { signal });
      const cut = text.length - maxTextLength;
      return { text: cut > 0 ? `${text.slice(0, maxTextLength)}\n[${cut} characters left out]` : text, isError };
    },
  };
}

function describeInput(input: Readonly<Record<string, unknown>>): string {
  const json = JSON.stringify(input);
  return json.length > maxSubjectLength ? `${json.slice(0, maxSubjectLength)}…` : json;
}
