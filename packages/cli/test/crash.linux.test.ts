import { expect, test } from "vitest";
import { formatReport } from "./crash/crash-report.ts";
import { runCrashTest } from "./crash/run-crash-test.ts";

test("killed at thirty random instants, a session loses nothing, runs nothing twice, and ends as an undisturbed one", {
  timeout: 300_000,
}, async () => {
  const report = await runCrashTest({ kills: 30, seed: 1 });
  expect(report.violations, formatReport(report)).toEqual([]);
  expect(report.kills).toBe(30);
});
