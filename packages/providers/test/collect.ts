import { createOpenAi, type LlmProvider, ProviderError, type StreamPart } from "../src/index.ts";
import { openScriptedServer, type ScriptStep } from "../src/testing/scripted-server.ts";

export const hello = { system: "", messages: [{ role: "user" as const, text: "hello" }], tools: [] };

export interface Outcome {
  readonly parts: readonly StreamPart[];
  readonly error: unknown;
}

/** Everything that a stream gave, and how it failed if it did. */
export async function collect(provider: LlmProvider, signal = new AbortController().signal): Promise<Outcome> {
  const parts: StreamPart[] = [];
  try {
    for await (const part of provider.stream(hello, { signal })) parts.push(part);
    return { parts, error: null };
  } catch (error) {
    return { parts, error };
  }
}

/** One scripted answer over a real socket. */
export async function ask(step: ScriptStep, timeoutMs = 10_000): Promise<Outcome> {
  await using server = await openScriptedServer([step]);
  return await collect(createOpenAi({ apiKey: "sk-secret", baseUrl: server.baseUrl, model: "m", timeoutMs }));
}

export function textOf(parts: readonly StreamPart[]): string {
  return parts.map((part) => (part.type === "text-delta" ? part.text : "")).join("");
}

/** The failure as ours; anything else is thrown on, for the test to fail with. */
export function failureOf(outcome: Outcome): ProviderError {
  if (outcome.error instanceof ProviderError) return outcome.error;
  throw outcome.error ?? new Error("the stream did not fail");
}
