import { expect, test } from "vitest";
import type { Entry, EntryContent } from "../store/entry.ts";
import type { ToolCallRecord } from "../store/tool-call-record.ts";
import { ModelHistory } from "./model-history.ts";
import { toModelMessages } from "./to-model-messages.ts";

const user = (text: string): EntryContent => ({ kind: "user", source: "prompt", text });
const asking = (callId: string): EntryContent => ({
  kind: "assistant",
  text: "",
  thinking: "",
  toolCalls: [{ callId, name: "Read", argumentsJson: "{}" }],
  isComplete: true,
});
const finished = (callId: string): ToolCallRecord => ({
  callId,
  entryId: "e",
  name: "Read",
  state: "finished",
  decision: null,
  result: { outcome: "ok", text: "result", changes: [], durationMs: 0, origin: "workspace", fullTextHash: null },
  attempts: 1,
});

test("every step gets the whole conversation, and a turn that is over is not made again", () => {
  const history = new ModelHistory((text) => text);
  const blanked = new Set<string>();
  const entries: Entry[] = [];
  const calls = new Map<string, ToolCallRecord>();
  const append = (turnId: string, content: EntryContent): void => {
    const id = `${entries.length}`;
    entries.push({ id, sessionId: "s", parentId: null, turnId, createdAtMs: 0, content });
  };
  const step = (turnId: string) => {
    const messages = history.toMessages({ entries, calls, isWhole: true, blanked }, turnId);
    expect(messages).toEqual(toModelMessages(entries, calls));
    return messages;
  };

  append("one", user("a"));
  step("one");
  append("one", asking("c1"));
  step("one");
  calls.set("c1", finished("c1")); // a result that came after a step looked
  step("one");
  append("one", { kind: "turn-end", outcome: { kind: "cancelled" } });
  append("two", user("b"));
  const first = step("two");
  append("two", asking("c2"));
  calls.set("c2", finished("c2"));
  const second = step("two");
  expect(second.slice(0, first.length).map((message, index) => message === first[index])).toEqual([
    ...first.slice(0, -1).map(() => true),
    false,
  ]);
});
