import { expect, test } from "vitest";
import { createPlace, runKoda } from "./run-koda.ts";

test("koda demo turns a failing test green, and shows one refused and one allowed connection with their calls", async () => {
  await using place = await createPlace();
  const run = await runKoda(place, ["demo"]);
  expect(run.stderr).toBe("");
  expect(run.stdout).toContain("The model is a recording");
  expect(run.stdout).toMatch(/tests +before fail, after pass/);
  expect(run.stdout).toMatch(/refused collector\.example\.com:443 +by node scripts\/announce\.js https:/);
  expect(run.stdout).toMatch(/allowed releases\.koda\.test:\d+ +by node scripts\/announce\.js\n/);
  expect(run.stdout).toMatch(/koda itself +\d+ ms/);
  expect(run.code).toBe(0);
});
