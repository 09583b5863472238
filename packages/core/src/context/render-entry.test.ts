import { expect, test } from "vitest";
import type { Entry, EntryContent } from "../store/entry.ts";
import type { ToolCallRecord, ToolOrigin } from "../store/tool-call-record.ts";
import { renderEntry } from "./render-entry.ts";

const toEntry = (content: EntryContent): Entry => ({
  id: "e",
  sessionId: "s",
  parentId: null,
  turnId: "t",
  createdAtMs: 1,
  content,
});

const call = (state: ToolCallRecord["state"], origin: ToolOrigin | null): ToolCallRecord => ({
  callId: "c",
  entryId: "e",
  name: "Fetch",
  state,
  decision: null,
  attempts: 1,
  result:
    origin === null
      ? null
      : { outcome: "ok", text: "the page", changes: [], durationMs: 1, origin, fullTextHash: null },
});

const asking = toEntry({
  kind: "assistant",
  text: "I look.",
  thinking: "secretly",
  toolCalls: [{ callId: "c", name: "Fetch", argumentsJson: '{"url":"u"}' }],
  isComplete: true,
});

test.each([
  [call("finished", "workspace"), "[result: ok]\nthe page"],
  [call("finished", "external"), "[result: ok, text from outside]\nthe page"],
  [call("started", null), "[result: unknown, it was interrupted]"],
  [call("requested", null), "[it was not run]"],
])("an answer is told with its calls and what became of them: %#", (record, result) => {
  const text = renderEntry(asking, new Map([["c", record]]));
  expect(text).toBe(`[assistant]\nI look.\n[call] Fetch {"url":"u"}\n${result}`);
});

test.each([
  [{ kind: "user", source: "prompt", text: "do" }, "[user]\ndo"],
  [{ kind: "user", source: "steer", text: "do" }, "[user, while the work went on]\ndo"],
  [{ kind: "user", source: "guard", text: "do" }, "[note of the program]\ndo"],
  [{ kind: "turn-end", outcome: { kind: "cancelled" } }, "[the turn ended: cancelled]"],
  [{ kind: "turn-end", outcome: { kind: "complete", text: "said already" } }, ""],
] as const)("whoever speaks is named, and an end is told unless it was a good one: %#", (content, text) => {
  expect(renderEntry(toEntry(content), new Map())).toBe(text);
});
