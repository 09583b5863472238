import { expect, test } from "vitest";
import { examine } from "../src/program/examine.ts";

test("every rule that the doctor tries holds on this machine", async () => {
  const examination = await examine({ environment: process.env });
  expect(examination.enforcement, examination.enforcementReason).toBe("kernel");
  expect(examination.findings.filter((finding) => !finding.isHeld)).toEqual([]);
  expect(examination.findings.length).toBeGreaterThanOrEqual(20);
});
