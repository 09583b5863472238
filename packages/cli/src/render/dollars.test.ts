import { expect, test } from "vitest";
import { toDollars } from "./dollars.ts";

test.each([
  [null, "unknown"],
  [0, "$0.00"],
  [12_300_000, "$12.30"],
  [100_000, "$0.10"],
  [99_960, "$0.1000"],
  [3_100, "$0.0031"],
  [42, "$0.000042"],
])("%s millionths are %s", (micros, text) => {
  expect(toDollars(micros)).toBe(text);
});
