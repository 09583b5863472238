import fc from "fast-check";
import { expect, test } from "vitest";
import { maxTasks, normalizeTasks, toTaskStatus } from "./normalize-tasks.ts";

test.each([
  ["done", "completed"],
  ["Finished", "completed"],
  ["inprogress", "in-progress"],
  ["in_progress", "in-progress"],
  ["In Progress", "in-progress"],
  ["canceled", "cancelled"],
  ["cancelled", "cancelled"],
  ["pending", "pending"],
  ["todo", "pending"],
  ["who knows", "pending"],
  ["", "pending"],
  [undefined, "pending"],
])("the status %j is read as %j", (word, status) => {
  expect(toTaskStatus(word)).toBe(status);
});

test.each([
  ["high", "high"],
  ["LOW", "low"],
  ["whatever", "medium"],
  [undefined, "medium"],
])("the priority %j is read as %j", (priority, expected) => {
  expect(normalizeTasks([{ text: "a", priority }])[0]?.priority).toBe(expected);
});

test("an id that is given stays; the rest are made from the place in the list, and never twice the same", () => {
  const drafts = [{ id: "3", text: "a" }, { text: "b" }, { text: "c" }, { id: "3", text: "d" }, { id: "", text: "e" }];
  expect(normalizeTasks(drafts).map(({ id, text }) => `${id} ${text}`)).toEqual(["3 a", "2 b", "3b c", "4 d", "5 e"]);
});

test("an id that an item later in the list brings along is not given away", () => {
  expect(normalizeTasks([{ text: "a" }, { id: "1", text: "b" }]).map(({ id }) => id)).toEqual(["1b", "1"]);
});

test("a text is one line of at most 500 characters", () => {
  const [two, long] = normalizeTasks([{ text: " a\n\tb\u001b[31m " }, { text: `${"x".repeat(498)}😀y` }]);
  expect(two?.text).toBe("a b [31m");
  expect(long?.text).toBe(`${"x".repeat(498)}…`);
});

test("lines without text are left out, and so is what comes after the first hundred", () => {
  const drafts = [{ text: " " }, ...Array.from({ length: maxTasks + 5 }, (_item, index) => ({ text: `t${index}` }))];
  const tasks = normalizeTasks(drafts);
  expect([tasks.length, tasks[0]?.text, tasks.at(-1)?.text]).toEqual([100, "t0", "t99"]);
});

const anyDraft = fc.record({
  id: fc.option(fc.oneof(fc.string(), fc.constantFrom("1", "2", "2b", "3")), { nil: undefined }),
  text: fc.string({ unit: "binary", maxLength: 600 }),
  status: fc.option(fc.string(), { nil: undefined }),
  priority: fc.option(fc.string(), { nil: undefined }),
});

test("whatever is written becomes a list with bounds and ids of its own, and stays the same when written again", () => {
  fc.assert(
    fc.property(fc.array(anyDraft, { maxLength: 120 }), (drafts) => {
      const tasks = normalizeTasks(drafts);
      expect(tasks.length).toBeLessThanOrEqual(maxTasks);
      expect(new Set(tasks.map(({ id }) => id)).size).toBe(tasks.length);
      for (const { id, text } of tasks) {
        expect(id).not.toBe("");
        expect(text.length).toBeLessThanOrEqual(500);
        expect(text.isWellFormed()).toBe(true);
        expect(text).not.toMatch(/[\r\n]/);
      }
      expect(normalizeTasks(tasks)).toEqual(tasks);
    }),
  );
});
