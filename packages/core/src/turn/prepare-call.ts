import { z } from "zod";
import type { ModelToolCall } from "../ports/llm-provider.ts";
import type { PreparedCall } from "./judge-call.ts";
import type { TurnContext } from "./turn-context.ts";

/** A call as the model wrote it, made ready to be judged; or why it cannot be, in words for the model. */
export type Preparation =
  | { readonly kind: "ready"; readonly call: PreparedCall }
  | { readonly kind: "invalid"; readonly input: unknown; readonly message: string };

/** Validates and assesses one call. Runs nothing. */
export async function prepareCall(turn: TurnContext, requested: ModelToolCall): Promise<Preparation> {
  const { callId, name, argumentsJson } = requested;
  const tool = turn.tools.find(name);
  if (tool === null) {
    const names = turn.tools.definitions.map((definition) => definition.name);
    return {
      kind: "invalid",
      input: argumentsJson,
      message: `There is no tool ${JSON.stringify(name)}. The tools are: ${names.join(", ")}.`,
    };
  }
  let input: unknown;
  try {
    // Some models write nothing at all for a tool without arguments.
    input = argumentsJson.trim() === "" ? {} : JSON.parse(argumentsJson);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return {
      kind: "invalid",
      input: argumentsJson,
      message: `The arguments of ${tool.name} are not JSON (${detail}). Make the call again with one JSON object.`,
    };
  }
  return await prepareInput(turn, { callId, tool, input });
}

/** The same for an input that is JSON already. */
export async function prepareInput(
  turn: TurnContext,
  { callId, tool, input }: Pick<PreparedCall, "callId" | "tool" | "input">,
): Promise<Preparation> {
  const parsed = tool.inputSchema.safeParse(input);
  if (!parsed.success) {
    const message = `The arguments of ${tool.name} do not fit its schema:\n${z.prettifyError(parsed.error)}`;
    return { kind: "invalid", input, message };
  }
  try {
    const assessment = await tool.assess(parsed.data, { projectRoot: turn.projectRoot });
    return { kind: "ready", call: { callId, tool, input: parsed.data, assessment } };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { kind: "invalid", input, message: `${tool.name} cannot take these arguments: ${detail}` };
  }
}
