import type OpenAI from "openai";
import type { ModelMessage, ModelRequest } from "../llm-provider.ts";

export interface RequestSettings {
  readonly model: string;
  /** Absent: the server's own limit. */
  readonly maxOutputTokens?: number | undefined;
  /** `max_tokens` is what compatible servers know; OpenAI's newer models refuse it. */
  readonly outputLimitField: "max_tokens" | "max_completion_tokens";
}

/**
 * Our request as the body of `POST /chat/completions`. The same request gives the same bytes.
 * An empty system prompt and an empty tool list are left out, since servers refuse them.
 */
export function toRequest(
  request: ModelRequest,
  settings: RequestSettings,
): OpenAI.ChatCompletionCreateParamsStreaming {
  const system = request.system === "" ? [] : [{ role: "system" as const, content: request.system }];
  return {
    model: settings.model,
    messages: [...system, ...request.messages.map(toMessage)],
    ...(request.tools.length > 0 && {
      tools: request.tools.map((tool) => ({
        type: "function" as const,
        function: { name: tool.name, description: tool.description, parameters: { ...tool.inputSchema } },
      })),
    }),
    ...(settings.maxOutputTokens !== undefined && { [settings.outputLimitField]: settings.maxOutputTokens }),
    ...(request.thinking !== undefined && { reasoning_effort: request.thinking }),
    stream: true,
    stream_options: { include_usage: true },
  };
}

function toMessage(message: ModelMessage): OpenAI.ChatCompletionMessageParam {
  switch (message.role) {
    case "user":
      return { role: "user", content: message.text };
    case "tool":
      return { role: "tool", tool_call_id: message.callId, content: message.text };
    case "assistant":
      if (message.toolCalls.length === 0) return { role: "assistant", content: message.text };
      return {
        role: "assistant",
        content: message.text === "" ? null : message.text,
        tool_calls: message.toolCalls.map((call) => ({
          id: call.callId,
          type: "function",
          function: { name: call.name, arguments: toArguments(call.argumentsJson) },
        })),
      };
    default:
      return message satisfies never;
  }
}

/**
 * vLLM and llama.cpp parse the arguments of past calls and fail the request when they are no JSON object,
 * so what a model once wrote wrongly goes back wrapped; its tool result says what was wrong with it.
 */
function toArguments(written: string): string {
  if (written.trim() === "") return "{}";
  return isJsonObject(written) ? written : JSON.stringify({ unparsable_arguments: written });
}

/** Whether `text` is one whole JSON object. */
export function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false; // not JSON is the answer, not a failure
  }
}
