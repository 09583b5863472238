import type { WireMessage } from "./wire-message.ts";

/** What is wrong with the messages of a request by itself: every call has exactly one result, right after it, and the reverse. */
export function findOrphans(messages: readonly WireMessage[]): readonly string[] {
  const faults: string[] = [];
  let expected: string[] = [];
  for (const message of messages) {
    if (message.role === "tool") {
      const place = expected.indexOf(message.tool_call_id);
      if (place < 0) faults.push(`a result without its call right before it: ${message.tool_call_id}`);
      else expected.splice(place, 1);
      continue;
    }
    for (const id of expected) faults.push(`a call without its result right after it: ${id}`);
    expected = message.role === "assistant" ? (message.tool_calls ?? []).map(({ id }) => id) : [];
  }
  for (const id of expected) faults.push(`a call without its result right after it: ${id}`);
  const ids = messages.flatMap((message) => (message.role === "assistant" ? (message.tool_calls ?? []) : []));
  for (const { id } of ids.filter((call, index) => ids.findIndex((other) => other.id === call.id) !== index)) {
    faults.push(`a call id that was used twice: ${id}`);
  }
  return faults;
}

/** What a model was once shown of a conversation it is shown again, word for word, and more of it after that. */
export function findRewriting(earlier: readonly WireMessage[], later: readonly WireMessage[]): readonly string[] {
  const index = earlier.findIndex((message, at) => JSON.stringify(message) !== JSON.stringify(later[at]));
  if (index < 0) return [];
  return [
    `message ${index} was shown as ${JSON.stringify(earlier[index])} and then as ${JSON.stringify(later[index])}`,
  ];
}
