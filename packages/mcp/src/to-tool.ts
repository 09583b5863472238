import { z } from "zod";
import type { McpToolResult } from "./to-result.ts";
import { toToolName } from "./tool-name.ts";

/** A tool of some server as a plain value. The same shape as `ToolboxTool` of `@koda/core`. */
export interface McpTool {
  /** `server__tool`. */
  readonly name: string;
  /** Begins with the server's name in brackets. */
  readonly description: string;
  /** JSON Schema, as the server wrote it. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly effect: McpToolEffect;
  /** A failing tool, a time limit and a server that is gone are values; rejects only with `signal.reason`. */
  execute(input: Readonly<Record<string, unknown>>, options: { readonly signal: AbortSignal }): Promise<McpToolResult>;
}

/** What the server's hints say of the tool: destructive beats read-only, no hint means a remote action. */
export type McpToolEffect = "read-only" | "remote-action" | "destructive";

/** Calls a tool by the name its server knows. */
export type CallTool = (
  tool: string,
  input: Readonly<Record<string, unknown>>,
  options: { readonly signal: AbortSignal },
) => Promise<McpToolResult>;

const listedTool = z.object({
  name: z.string().min(1).max(200),
  description: z.string().optional().catch(undefined),
  inputSchema: z.looseObject({ type: z.literal("object") }),
  annotations: z
    .object({
      readOnlyHint: z.boolean().optional().catch(undefined),
      destructiveHint: z.boolean().optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
});

/** More says nothing to a model that the first of it did not. */
const longestDescription = 4000;

/**
 * The tools of one server's list, in its order. What is no tool, or repeats a name, is left out.
 * Names are unique within the list; server names keep lists apart.
 */
export function toTools(listed: readonly unknown[], server: string, call: CallTool): readonly McpTool[] {
  const taken = new Set<string>();
  return listed.flatMap((value) => {
    const parsed = listedTool.safeParse(value);
    if (!parsed.success) return [];
    const { name: tool, description = "", inputSchema, annotations } = parsed.data;
    const name = toToolName(server, tool);
    if (taken.has(name)) return [];
    taken.add(name);
    return [
      Object.freeze({
        name,
        description: `[${server}] ${description}`.trim().slice(0, longestDescription),
        inputSchema,
        effect: toEffect(annotations),
        execute: (input, options) => call(tool, input, options),
      } satisfies McpTool),
    ];
  });
}

function toEffect(hints: z.infer<typeof listedTool>["annotations"]): McpToolEffect {
  if (hints?.destructiveHint === true) return "destructive";
  return hints?.readOnlyHint === true ? "read-only" : "remote-action";
}
