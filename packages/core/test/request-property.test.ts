import fc from "fast-check";
import { expect, test } from "vitest";
import type { ModelMessage } from "../src/ports/llm-provider.ts";
import type { Entry, EntryContent } from "../src/store/entry.ts";
import type { ToolCallRecord } from "../src/store/tool-call-record.ts";
import { toModelMessages } from "../src/turn/to-model-messages.ts";

/** A session as it may be found: any entries, and each call in any state of the journal, or not in it at all. */
const session = fc
  .array(
    fc.oneof(
      fc.record({
        kind: fc.constant("user" as const),
        source: fc.constantFrom("prompt", "steer", "guard"),
        text: fc.string(),
      }),
      fc.record({
        kind: fc.constant("assistant" as const),
        text: fc.string({ maxLength: 5 }),
        states: fc.array(fc.constantFrom("absent", "requested", "decided", "started", "finished"), { maxLength: 4 }),
        isComplete: fc.boolean(),
      }),
      fc.constant({ kind: "turn-end" as const, outcome: { kind: "cancelled" as const } }),
    ),
  )
  .map((shapes) => {
    const entries: Entry[] = [];
    const calls = new Map<string, ToolCallRecord>();
    for (const [index, shape] of shapes.entries()) {
      const id = `e${index}`;
      let content: EntryContent;
      if (shape.kind === "assistant") {
        const toolCalls = (shape.isComplete ? shape.states : []).map((state, position) => {
          const callId = `call_${index}_${position}`;
          const result = {
            outcome: "ok",
            text: `result of ${callId}`,
            changes: [],
            durationMs: 1,
            origin: "workspace",
            fullTextHash: null,
          } as const;
          if (state !== "absent") {
            const finished = state === "finished" ? result : null;
            calls.set(callId, {
              callId,
              entryId: id,
              name: "Probe",
              state,
              decision: null,
              attempts: 1,
              result: finished,
            });
          }
          return { callId, name: "Probe", argumentsJson: "{}" };
        });
        content = { kind: "assistant", text: shape.text, thinking: "", toolCalls, isComplete: shape.isComplete };
      } else {
        content = shape;
      }
      const parentId = index === 0 ? null : `e${index - 1}`;
      entries.push({ id, sessionId: "s", parentId, turnId: "t", createdAtMs: 1, content });
    }
    return { entries, calls };
  });

/** Null when every call is followed at once by exactly its results, in order, and no result stands elsewhere. */
function findOrphan(messages: readonly ModelMessage[]): string | null {
  let expected: string[] = [];
  for (const message of messages) {
    if (message.role === "tool") {
      if (expected.shift() !== message.callId) return `result ${message.callId} is out of place`;
      continue;
    }
    if (expected.length > 0) return `no result for ${expected.join(", ")}`;
    if (message.role === "assistant") expected = message.toolCalls.map(({ callId }) => callId);
  }
  return expected.length > 0 ? `no result for ${expected.join(", ")}` : null;
}

test("no prefix of any session gives a request with an orphan", () => {
  fc.assert(
    fc.property(session, fc.nat(), ({ entries, calls }, cut) => {
      const prefix = entries.slice(0, cut % (entries.length + 1));
      expect(findOrphan(toModelMessages(prefix, calls))).toBeNull();
    }),
  );
});

test("a finished call gives its recorded result, and no other does", () => {
  fc.assert(
    fc.property(session, ({ entries, calls }) => {
      for (const message of toModelMessages(entries, calls)) {
        if (message.role !== "tool") continue;
        const call = calls.get(message.callId);
        expect(message.text === `result of ${message.callId}`).toBe(call?.state === "finished");
        expect(message.text.includes("outcome is unknown")).toBe(call?.state === "started");
      }
    }),
  );
});

test("every prompt, and every answer with text, is in the request", () => {
  fc.assert(
    fc.property(session, ({ entries, calls }) => {
      const said = entries.filter(
        ({ content }) => content.kind === "user" || (content.kind === "assistant" && content.text !== ""),
      );
      const spoken = toModelMessages(entries, calls).filter(
        ({ role, text }) => role === "user" || (role === "assistant" && text !== ""),
      );
      expect(spoken).toHaveLength(said.length);
    }),
  );
});
