import type { LlmProvider } from "@koda/core";

/** A model of one's own. This one publishes what it is told to, and then answers, loudly when somebody asks it to. */
export function createModel(): LlmProvider {
  return {
    id: "house",
    model: "house-1",
    contextWindow: 32_000,
    async *stream({ messages }, { signal }) {
      signal.throwIfAborted();
      const prompt = messages.find(({ role }) => role === "user")?.text ?? "";
      const result = messages.find(({ role }) => role === "tool")?.text;
      if (result === undefined) {
        yield { type: "tool-call", callId: "1", name: "Publish", argumentsJson: JSON.stringify({ text: prompt }) };
        yield { type: "finish", reason: "tool-calls" };
        return;
      }
      const isLoud = messages.some(({ role, text }) => role === "user" && text.includes("loudly"));
      const answer = `Done: ${result}.`;
      yield { type: "text-delta", text: isLoud ? answer.toUpperCase() : answer };
      yield { type: "finish", reason: "stop" };
    },
  };
}
