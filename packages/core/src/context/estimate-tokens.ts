import type { ModelMessage, ModelRequest, ToolDefinition } from "../ports/llm-provider.ts";

/**
 * OpenAI's rule of thumb for English text ("1 token ~= 4 characters", help.openai.com/en/articles/4936856). Code is near
 * it, scripts other than the Latin one take more: what a provider reports corrects every estimate after one reply.
 */
export const charsPerToken: number = 4;

/** Role marks, ids and separators of one message, call or tool. Vendors use 3 to 8; an estimate should not be low. */
export const overheadTokens: number = 10;

/** Tokens of a text, when nobody has counted them. Zero for none. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / charsPerToken);
}

export function estimateMessage(message: ModelMessage): number {
  const text = overheadTokens + estimateTokens(message.text);
  if (message.role !== "assistant") return text;
  return message.toolCalls.reduce(
    (sum, { name, argumentsJson }) => sum + overheadTokens + estimateTokens(name) + estimateTokens(argumentsJson),
    text,
  );
}

export function estimateMessages(messages: readonly ModelMessage[]): number {
  return messages.reduce((sum, message) => sum + estimateMessage(message), 0);
}

/** What every request carries whatever was said: the definitions of the tools. */
export function estimateTools(tools: readonly ToolDefinition[]): number {
  return tools.reduce(
    (sum, { name, description, inputSchema }) =>
      sum + overheadTokens + estimateTokens(name + description + JSON.stringify(inputSchema)),
    0,
  );
}

export function estimateRequest({ system, messages, tools }: ModelRequest): number {
  return estimateTokens(system) + overheadTokens + estimateTools(tools) + estimateMessages(messages);
}
