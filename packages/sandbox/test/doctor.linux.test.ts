import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { examine } from "../src/program/examine.ts";

const listTemporary = (): string[] => readdirSync("/tmp").filter((name) => name.startsWith("koda-doctor-"));

test("every rule that the doctor tries holds on this machine", async () => {
  const examination = await examine({ environment: process.env });
  expect(examination.enforcement, examination.enforcementReason).toBe("kernel");
  expect(examination.findings.filter((finding) => !finding.isHeld)).toEqual([]);
  expect(examination.findings.length).toBeGreaterThanOrEqual(44);
  expect(new Set(examination.findings.map(({ rule }) => rule)).size).toBe(examination.findings.length);
  expect(listTemporary()).toEqual([]);
});

test("without confinement nothing is tried, and the reason is told", async () => {
  const examination = await examine({ environment: { ...process.env, PATH: "/nowhere" } });
  expect(examination).toMatchObject({ enforcement: "env-only", findings: [] });
  expect(examination.enforcementReason).toContain("bwrap is not on the PATH");
  expect(listTemporary()).toEqual([]);
});
