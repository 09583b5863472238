import { expect, test } from "vitest";
import type { ModelMessage } from "../ports/llm-provider.ts";
import { estimateMessages, estimateRequest, estimateTokens, overheadTokens } from "./estimate-tokens.ts";

test.each([
  ["", 0],
  ["a", 1],
  ["abcd", 1],
  ["abcde", 2],
  ["x".repeat(4000), 1000],
])("four characters are a token, and a part of one is a whole one: %#", (text, tokens) => {
  expect(estimateTokens(text)).toBe(tokens);
});

test("a message costs more than its text, and calls cost their arguments", () => {
  const call = { callId: "c", name: "Read", argumentsJson: "x".repeat(400) };
  const messages: ModelMessage[] = [
    { role: "user", text: "x".repeat(40) },
    { role: "assistant", text: "", toolCalls: [call] },
    { role: "tool", callId: "c", text: "x".repeat(80), isError: false },
  ];
  expect(estimateMessages(messages)).toBe(10 + 1 + 100 + 20 + 4 * overheadTokens);
});

test("system prompt and tools are part of a request", () => {
  const tool = { name: "Read", description: "d".repeat(396), inputSchema: {} };
  const request = { system: "s".repeat(400), messages: [], tools: [tool] };
  expect(estimateRequest(request)).toBe(100 + overheadTokens + 101 + overheadTokens);
});
