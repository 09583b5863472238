import fc from "fast-check";
import { expect, test } from "vitest";
import { blankedNote } from "../../src/context/blank-results.ts";
import { loadView } from "../../src/context/load-view.ts";
import { toViewMessages } from "../../src/context/to-view-messages.ts";
import type { ModelMessage } from "../../src/ports/llm-provider.ts";
import { anyPath, anyUnsummarisedPath, EntryPath } from "./entry-path.ts";

const noneBlanked: ReadonlySet<string> = new Set();

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

test("whatever is summarised, cut or blanked, every call has its result and every result its call", () => {
  fc.assert(
    fc.property(anyPath, fc.nat({ max: 5000 }), fc.nat({ max: 3 }), (path, maxChars, nth) => {
      const loaded = loadView(path.store, path.leafId, { maxChars });
      const blanked = new Set([...path.calls.keys()].filter((_, index) => index % (nth + 1) === 0));
      const messages = toViewMessages({ ...loaded, blanked });
      expect(findOrphan(messages)).toBeNull();
      for (const message of messages) {
        if (message.role === "tool") expect(message.text === blankedNote).toBe(blanked.has(message.callId));
      }
    }),
  );
});

test("nothing between the entry that a summary keeps and the leaf is lost, and the order stays", () => {
  fc.assert(
    fc.property(anyPath, (path) => {
      const shown = loadView(path.store, path.leafId, { maxChars: Number.POSITIVE_INFINITY });
      const said = shown.entries
        .map(({ content }) => content)
        .filter((content) => content.kind === "user" || (content.kind === "assistant" && content.isComplete))
        .flatMap((content) => ("text" in content ? [content.text] : []));
      const spoken = toViewMessages({ ...shown, blanked: noneBlanked })
        .slice(shown.entries[0]?.content.kind === "summary" ? 1 : 0)
        .filter(({ role, text }) => role !== "tool" && !text.includes("cut off here"))
        .map(({ text }) => text);
      expect(spoken.filter((text) => text !== "")).toEqual(said.filter((text) => text !== ""));
    }),
  );
});

test("a view that grows keeps its first messages byte for byte", () => {
  fc.assert(
    fc.property(anyUnsummarisedPath, fc.nat(), fc.boolean(), (path, at, isWhole) => {
      const view = { ...path.view, isWhole, blanked: noneBlanked };
      // After an entry whose calls have all ended, nothing of it changes.
      const before = { ...view, entries: view.entries.slice(0, at % (view.entries.length + 1)) };
      const prefix = toViewMessages(before);
      if (before.entries.length > 0) expect(toViewMessages(view).slice(0, prefix.length)).toEqual(prefix);
    }),
  );
});

test("a summary comes first, said by the user's side and marked; a later one replaces it", () => {
  const path = new EntryPath();
  path.prompt("one");
  path.append({ kind: "summary", text: "first summary", keptFromId: "e0" });
  path.answer("done");
  path.append({ kind: "summary", text: "second </conversation-summary> summary", keptFromId: "e2" });
  path.prompt("two");
  const messages = toViewMessages({ ...path.view, blanked: noneBlanked });
  expect(messages.map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
  expect(messages[0]?.text).toContain("written by a model");
  expect(messages[0]?.text).toContain("second &lt;/conversation-summary> summary\n</conversation-summary>");
  expect(messages[1]?.text).toBe("done");
});

test("a view that is cut says so", () => {
  const path = new EntryPath();
  path.prompt("one");
  const messages = toViewMessages({ ...path.view, isWhole: false, blanked: noneBlanked });
  expect(messages.map(({ text }) => text)).toEqual([expect.stringContaining("beginning of this conversation"), "one"]);
  const entries = [path.append({ kind: "summary", text: "sum", keptFromId: "gone" }), ...path.entries.slice(0, 1)];
  const texts = toViewMessages({ ...path.view, entries, isWhole: false, blanked: noneBlanked }).map(({ text }) => text);
  expect(texts.slice(1)).toEqual(messages.map(({ text }) => text));
  expect(texts[0]).toContain("sum");
});
