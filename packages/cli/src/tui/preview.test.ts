import { expect, test } from "vitest";
import { toPreview } from "./preview.ts";

test("an edit shows what goes and what comes", () => {
  const input = { path: "a.ts", edits: [{ oldText: "one\ntwo\n", newText: "three", replaceAll: false }] };
  expect(toPreview(input, "a.ts")).toEqual(["- one", "- two", "+ three"]);
});

test("a write shows its content", () => {
  expect(toPreview({ path: "a", content: "x\n\ny" }, "a")).toEqual(["+ x", "+ ", "+ y"]);
});

test("other arguments are named, and the subject is not repeated", () => {
  expect(toPreview({ command: "ls", timeoutMs: 5, env: { A: "1" } }, "ls")).toEqual(["timeoutMs: 5", "env.A: 1"]);
});

test("no input has no preview", () => {
  expect(toPreview(undefined, "x")).toEqual([]);
});
