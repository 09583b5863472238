import { z } from "zod";
import { CoreError } from "../errors.ts";
import type { ToolDefinition } from "../ports/llm-provider.ts";
import type { Tool } from "./tool.ts";

/** One of our tools as a model is told of it. */
export function toDefinition({ name, description, inputSchema }: Tool): ToolDefinition {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(inputSchema);
  return freezeDefinition({ name, description, inputSchema: schema });
}

/**
 * A copy that nobody can change, the owner of the schema included: requests stay alike.
 *
 * @throws {CoreError} `bad_option` when the schema cannot be written as JSON.
 */
export function freezeDefinition({ name, description, inputSchema }: ToolDefinition): ToolDefinition {
  let json: string;
  try {
    json = JSON.stringify({ name, description, inputSchema });
  } catch (error) {
    throw new CoreError("bad_option", `the schema of tool ${name} is not JSON`, { cause: error });
  }
  // Made from a definition one line above; a reviver that returns every value keeps the shape.
  return JSON.parse(json, (_key, value: unknown) => Object.freeze(value)) as ToolDefinition;
}
