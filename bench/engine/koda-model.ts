import type { LlmProvider, StreamPart } from "@koda/core";
import { type Answer, WORD } from "./conversation.ts";

/** Says at once what is next in `answers`. It reports the same tokens for every request, as many as a short session has. */
export function createModel(answers: Answer[]): LlmProvider {
  return {
    id: "scripted",
    model: "script-1",
    async *stream(): AsyncGenerator<StreamPart, void> {
      const answer = answers.shift();
      if (answer === undefined) throw new Error("the script is at its end");
      if (answer.kind === "calls") {
        for (let index = 0; index < answer.count; index += 1) {
          yield { type: "tool-call", callId: `call_${index}`, name: "Noop", argumentsJson: `{"index":${index}}` };
        }
      } else {
        for (let count = 0; count < answer.deltas; count += 1) yield { type: "text-delta", text: WORD };
      }
      const none = { cacheReadTokens: 0, thinkingTokens: 0 };
      yield { type: "usage", inputTokens: 20_000, outputTokens: 10, ...none };
      yield { type: "finish", reason: answer.kind === "calls" ? "tool-calls" : "stop" };
    },
  };
}
