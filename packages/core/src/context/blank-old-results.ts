import type { ModelMessage } from "../ports/llm-provider.ts";

/** Tools that give the same again when they are called again, without doing anything. */
const repeatableTools: ReadonlySet<string> = new Set(["Read", "List", "Glob", "Grep"]);
const keptResults = 5;
/** A shorter result is no longer than the note in its place. */
const minChars = 200;

/**
 * A view of a conversation that takes less room: old results that can be had again are left out, the latest five of
 * them stay. No message is added or removed, so each call keeps its result. Gives `messages` itself when there is
 * nothing to leave out.
 */
export function blankOldResults(messages: readonly ModelMessage[]): readonly ModelMessage[] {
  const repeatable = new Set(
    messages.flatMap((message) =>
      message.role === "assistant"
        ? message.toolCalls.filter(({ name }) => repeatableTools.has(name)).map(({ callId }) => callId)
        : [],
    ),
  );
  const results = messages.filter((message) => message.role === "tool" && repeatable.has(message.callId));
  const old = new Set(results.slice(0, -keptResults).filter(({ text }) => text.length >= minChars));
  if (old.size === 0) return messages;
  return messages.map((message) => (old.has(message) ? { ...message, text: leftOutNote } : message));
}

const leftOutNote = "[This old result was left out to save room. Make the call again if you need it.]";
