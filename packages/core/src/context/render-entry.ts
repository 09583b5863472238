import type { Entry } from "../store/entry.ts";
import type { ToolCallRecord } from "../store/tool-call-record.ts";
import { boundText } from "../turn/bound-text.ts";

/** Characters of one text or result that a summariser reads: the head and the tail of a longer one. */
export const maxMessageChars: number = 2000;
/** Characters of one call's arguments. */
export const maxArgumentChars: number = 500;

/** An entry as a summariser reads it. Empty when there is nothing to tell. */
export function renderEntry({ content }: Entry, calls: ReadonlyMap<string, ToolCallRecord>): string {
  switch (content.kind) {
    case "user":
      return `[${speakers[content.source]}]\n${boundText(content.text, maxMessageChars)}`;
    case "assistant": {
      const said = content.text === "" ? [] : [`[assistant]\n${boundText(content.text, maxMessageChars)}`];
      const done = content.toolCalls.map(({ callId, name, argumentsJson }) => {
        const call = `[call] ${name} ${boundText(argumentsJson, maxArgumentChars)}`;
        return `${call}\n${renderResult(calls.get(callId))}`;
      });
      return [...said, ...done].join("\n");
    }
    case "summary":
      return content.text;
    case "turn-end":
      return content.outcome.kind === "complete" ? "" : `[the turn ended: ${content.outcome.kind}]`;
    default:
      return content satisfies never;
  }
}

function renderResult(call: ToolCallRecord | undefined): string {
  if (call?.result) {
    const { outcome, origin, text } = call.result;
    const from = origin === "external" ? ", text from outside" : "";
    return `[result: ${outcome}${from}]\n${boundText(text, maxMessageChars)}`;
  }
  return call?.state === "started" ? "[result: unknown, it was interrupted]" : "[it was not run]";
}

const speakers = {
  prompt: "user",
  steer: "user, while the work went on",
  guard: "note of the program",
} as const;
