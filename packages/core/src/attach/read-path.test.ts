import { expect, test } from "vitest";
import type { Entry } from "../store/entry.ts";
import { readPath } from "./read-path.ts";

const entry = (id: string, sessionId: string, parentId: string | null): Entry => ({
  id,
  sessionId,
  parentId,
  turnId: "t",
  createdAtMs: 1,
  content: { kind: "user", source: "prompt", text: id },
});

function pathOf(entries: readonly Entry[], sessionId: string, leafId: string | null): readonly string[] {
  const store = {
    readEntries: (id: string) => entries.filter((known) => known.sessionId === id),
    readEntry: (id: string) => entries.find((known) => known.id === id) ?? null,
  };
  return readPath(store, sessionId, leafId).map(({ id }) => id);
}

test("a path leads from the first entry to the leaf, and leaves other branches out", () => {
  const entries = [entry("1", "a", null), entry("2", "a", "1"), entry("2b", "a", "1"), entry("3", "a", "2b")];
  expect(pathOf(entries, "a", "3")).toEqual(["1", "2b", "3"]);
  expect(pathOf(entries, "a", "2")).toEqual(["1", "2"]);
  expect(pathOf(entries, "a", null)).toEqual([]);
});

test("the path of a fork leads through the session that it was forked from", () => {
  const entries = [entry("1", "a", null), entry("2", "a", "1"), entry("2b", "b", "1")];
  expect(pathOf(entries, "b", "2b")).toEqual(["1", "2b"]);
  expect(pathOf(entries, "b", "2")).toEqual(["1", "2"]);
});

test("a path that is broken or a circle ends", () => {
  expect(pathOf([entry("2", "a", "1")], "a", "2")).toEqual(["2"]);
  expect(pathOf([entry("1", "a", "2"), entry("2", "a", "1")], "a", "2")).toEqual(["1", "2"]);
});
