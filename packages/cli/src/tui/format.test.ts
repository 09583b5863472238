import { expect, test } from "vitest";
import { formatAge, formatCount, formatDuration, formatElapsed } from "./format.ts";

test.each([
  [0, "0 ms"],
  [840.4, "840 ms"],
  [12_340, "12.3 s"],
  [125_000, "2 min 05 s"],
])("%d ms is %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  [-5, "0 s"],
  [12_900, "12 s"],
  [125_000, "2 min 05 s"],
])("a clock at %d ms shows %s", (ms, text) => {
  expect(formatElapsed(ms)).toBe(text);
});

test.each([
  [950, "950"],
  [12_345, "12.3k"],
  [1_234_567, "1.2M"],
])("%d counts as %s", (count, text) => {
  expect(formatCount(count)).toBe(text);
});

test.each([
  [0, "just now"],
  [-60_000, "just now"],
  [300_000, "5 min ago"],
  [7_200_000, "2 h ago"],
  [40 * 3_600_000, "2026-11-19"],
])("%d ms before is %s", (ageMs, text) => {
  const nowMs = Date.UTC(2026, 10, 21, 12);
  expect(formatAge(nowMs - ageMs, nowMs)).toBe(text);
});
