import fc from "fast-check";
import { expect, test } from "vitest";
import { loadView } from "../../src/context/load-view.ts";
import { selectShown } from "../../src/context/select-shown.ts";
import { anyPath, EntryPath } from "./entry-path.ts";

const all = { maxChars: Number.POSITIVE_INFINITY };
const idsOf = (entries: readonly { readonly id: string }[]) => entries.map(({ id }) => id);

test("a session without entries has an empty view, and it is whole", () => {
  expect(loadView(new EntryPath().store, null, all)).toEqual({ entries: [], calls: new Map(), isWhole: true });
});

test("what is loaded is what the path shows, whatever summaries are on it", () => {
  fc.assert(
    fc.property(anyPath, (path) => {
      const view = loadView(path.store, path.leafId, all);
      expect(idsOf(view.entries)).toEqual(idsOf(selectShown(path.entries)));
      expect(view.isWhole).toBe(true);
    }),
  );
});

test("every call of a loaded entry is loaded with its result, and no other is", () => {
  fc.assert(
    fc.property(anyPath, fc.nat({ max: 5000 }), (path, maxChars) => {
      const { entries, calls } = loadView(path.store, path.leafId, { maxChars });
      const asked = entries.flatMap(({ content }) => (content.kind === "assistant" ? content.toolCalls : []));
      expect([...calls.keys()]).toEqual(asked.map(({ callId }) => callId));
      for (const [callId, call] of calls) expect(call).toBe(path.calls.get(callId));
    }),
  );
});

test("a view that is cut is the end of the whole one, after its summary", () => {
  fc.assert(
    fc.property(anyPath, fc.nat({ max: 5000 }), (path, maxChars) => {
      const view = loadView(path.store, path.leafId, { maxChars });
      const whole = idsOf(loadView(path.store, path.leafId, all).entries);
      const own = idsOf(view.entries.filter(({ content }) => content.kind !== "summary"));
      expect(own).toEqual(own.length === 0 ? [] : whole.slice(-own.length));
      if (view.isWhole) expect(idsOf(view.entries)).toEqual(whole);
      if (path.leafId !== null) expect(view.entries.length).toBeGreaterThan(0);
    }),
  );
});

test("a summary that keeps nothing is followed by what came after it alone", () => {
  const path = new EntryPath();
  path.prompt("old");
  path.append({ kind: "summary", text: "sum", keptFromId: null });
  path.prompt("new");
  expect(idsOf(loadView(path.store, path.leafId, all).entries)).toEqual(["e1", "e2"]);
});

test("a cut view begins with what a user said", () => {
  const path = new EntryPath();
  for (let turn = 0; turn < 10; turn += 1) {
    path.prompt("p".repeat(100));
    path.answer("a".repeat(100), [{ name: "Read", result: "r".repeat(100) }]);
    path.answer("done");
    path.end();
  }
  for (let maxChars = 1200; maxChars < 4000; maxChars += 100) {
    const { entries, isWhole } = loadView(path.store, path.leafId, { maxChars });
    expect(entries[0]?.content.kind).toBe("user");
    expect(isWhole).toBe(false);
  }
});

test("a turn that is longer than what can be loaded is cut in its midst rather than left out", () => {
  const path = new EntryPath();
  path.prompt("go");
  for (let step = 0; step < 50; step += 1) path.answer("a".repeat(100));
  path.append({ kind: "user", source: "steer", text: "more" });
  const { entries } = loadView(path.store, path.leafId, { maxChars: 4000 });
  expect(entries.length).toBeGreaterThan(10);
});

test("the cost of loading is bounded by the characters, not by the length of the session", () => {
  const path = new EntryPath();
  for (let turn = 0; turn < 20_000; turn += 1) {
    path.prompt("p".repeat(50));
    path.end();
  }
  loadView(path.store, path.leafId, { maxChars: 10_000 });
  expect(path.reads).toBeLessThan(10_000 / 200);
});

test("results that are left out make room for older entries", () => {
  const path = new EntryPath();
  for (let step = 0; step < 10; step += 1) path.answer("a", [{ name: "Read", result: "r".repeat(10_000) }]);
  const { isWhole } = loadView(path.store, path.leafId, { maxChars: 20_000 });
  expect(isWhole).toBe(false);
  const blanked = new Set([...path.calls.keys()].slice(0, 9));
  expect(loadView(path.store, path.leafId, { maxChars: 20_000, blanked })).toMatchObject({ isWhole: true });
});

test("entries in a circle, or with one missing, end the walk", () => {
  const path = new EntryPath();
  path.prompt("one");
  path.prompt("two");
  const store = path.store;
  const last = path.entries[1];
  const circle = { ...store, readEntry: (id: string) => (id === "e0" ? { ...path.entries[0], parentId: "e1" } : last) };
  expect(loadView(circle as typeof store, "e1", { maxChars: 1000 }).isWhole).toBe(false);
  const hole = { ...store, readEntry: (id: string) => (id === "e0" ? null : store.readEntry(id)) };
  expect(loadView(hole, "e1", all)).toMatchObject({ entries: [{ id: "e1" }], isWhole: false });
});
