import type { ScriptStep, ScriptToolCall } from "./script-step.ts";

/**
 * The events of one scripted answer as OpenAI sends them, each a whole `data:` block: role, thinking, text in words,
 * tool calls in two fragments, finish reason, usage, `[DONE]`.
 */
export function toEvents(
  step: ScriptStep,
  options: { readonly model: string; readonly nextCallId: () => string },
): readonly string[] {
  const envelope = { id: "chatcmpl-script", object: "chat.completion.chunk", created: 0, model: options.model };
  const choice = (delta: Record<string, unknown>, finishReason: string | null = null): unknown => ({
    ...envelope,
    choices: [{ index: 0, delta, finish_reason: finishReason }],
  });
  const calls = step.toolCalls ?? [];
  const bodies = [
    choice({ role: "assistant", content: "" }),
    ...inWords(step.thinking ?? "").map((piece) => choice({ reasoning_content: piece })),
    ...inWords(step.text ?? "").map((piece) => choice({ content: piece })),
    ...calls.flatMap((call, index) =>
      toCallDeltas(call, index, options.nextCallId).map((delta) => choice({ tool_calls: [delta] })),
    ),
    choice({}, step.finishReason ?? (calls.length > 0 ? "tool_calls" : "stop")),
    { ...envelope, choices: [], usage: toWireUsage(step) },
  ];
  return [...bodies.map((body) => `data: ${JSON.stringify(body)}\n\n`), "data: [DONE]\n\n"];
}

function inWords(text: string): readonly string[] {
  return text.match(/\s*\S+\s*$|\s*\S+|\s+/g) ?? [];
}

function toCallDeltas(call: ScriptToolCall, index: number, nextCallId: () => string): readonly unknown[] {
  const written = typeof call.arguments === "string" ? call.arguments : JSON.stringify(call.arguments);
  const half = Math.ceil(written.length / 2);
  return [
    {
      index,
      id: call.id ?? nextCallId(),
      type: "function",
      function: { name: call.name, arguments: written.slice(0, half) },
    },
    { index, function: { arguments: written.slice(half) } },
  ];
}

function toWireUsage(step: ScriptStep): unknown {
  const {
    inputTokens,
    outputTokens,
    cacheReadTokens = 0,
    thinkingTokens = 0,
  } = step.usage ?? {
    inputTokens: 100,
    outputTokens: 10,
  };
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: cacheReadTokens },
    completion_tokens_details: { reasoning_tokens: thinkingTokens },
  };
}
