import { openScriptedServer } from "@koda/providers/testing";
import { expect, test } from "vitest";
import { createPlace, runKoda } from "./run-koda.ts";
import { args } from "./scripted-steps.ts";

test("--thinking is how much the model is asked to think, in the resumed session too; without it, as much as it does", async () => {
  await using place = await createPlace();
  await using server = await openScriptedServer([{ text: "One." }, { text: "Two." }, { text: "Three." }]);
  await runKoda(place, args(server.baseUrl, "-p", "one"));
  await runKoda(place, args(server.baseUrl, "--continue", "-p", "two", "--thinking", "high"));
  await runKoda(place, args(server.baseUrl, "--continue", "-p", "three"));
  const efforts = server.requests().map(({ body }) => (body as { reasoning_effort?: string }).reasoning_effort); // what our adapter sends
  expect(efforts).toEqual([undefined, "high", "high"]);
});

test.each([
  ["-p", "go", "--thinking", "hard"],
  ["resume", "--thinking", ""],
])("koda %s %s: an effort that there is not is exit 2", async (...words) => {
  await using place = await createPlace();
  const run = await runKoda(place, words);
  expect(run).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("low, medium, high") });
});
