import { expect, test } from "vitest";
import { summarise } from "./summarise-output.ts";
import type { FinishedCall } from "./view-state.ts";

const call = (changes: Partial<FinishedCall>): FinishedCall => ({
  callId: "c",
  name: "Bash",
  subject: "ls",
  effect: "local-mutation",
  input: {},
  startedAtMs: 0,
  output: "",
  refused: [],
  outcome: "ok",
  text: "",
  changes: [],
  durationMs: 1,
  ...changes,
});
const lines = (count: number): string => Array.from({ length: count }, (_, index) => `line ${index}`).join("\n");

test("no output has no lines", () => {
  expect(summarise(call({ text: "\n" }))).toEqual([]);
});

test("a short output is shown whole", () => {
  expect(summarise(call({ text: lines(5) }))).toHaveLength(5);
});

test("of a long one, its first and last lines", () => {
  expect(summarise(call({ text: lines(30) }))).toEqual(["line 0", "line 1", "… 26 lines", "line 28", "line 29"]);
});

test("a failure shows more", () => {
  expect(summarise(call({ text: lines(30), outcome: "error" }))).toHaveLength(9);
});

test("what was read is counted, not repeated", () => {
  expect(summarise(call({ name: "Read", effect: "read-only", text: lines(30) }))).toEqual(["30 lines"]);
});
