import type { ReceivedRequest, ScriptStep } from "@koda/providers/testing";

/** A step in which the model runs a command. */
export const bash = (command: string): ScriptStep => call("Bash", { command });

/** A step in which it calls any other tool. */
export function call(name: string, input: Readonly<Record<string, unknown>>): ScriptStep {
  return { toolCalls: [{ name, arguments: input }] };
}

/** The words that ask a scripted server. */
export const args = (baseUrl: string, ...more: readonly string[]): string[] => [
  "--base-url",
  baseUrl,
  "--model",
  "scripted",
  ...more,
];

/** The conversation as the model was last sent it. */
export function lastMessages(requests: readonly ReceivedRequest[]): { role: string; content: string }[] {
  const body = requests.at(-1)?.body as { messages: { role: string; content: string }[] }; // what our adapter sends
  return body.messages;
}

/** What the model was given back for its calls, in order. */
export const toolResults = (requests: readonly ReceivedRequest[]): string[] =>
  lastMessages(requests)
    .filter(({ role }) => role === "tool")
    .map(({ content }) => content);

export const saidIn = (requests: readonly ReceivedRequest[]): string[] =>
  lastMessages(requests)
    .filter(({ role }) => role !== "system")
    .map(({ content }) => content);
