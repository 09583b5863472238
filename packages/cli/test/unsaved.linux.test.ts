import { execFileSync } from "node:child_process";
import { openScriptedServer } from "@koda/providers/testing";
import { expect, test } from "vitest";
import { createPlace, type KodaRun, type Place, startKoda } from "./run-koda.ts";
import { args, bash } from "./scripted-steps.ts";

/**
 * A turn of two requests; from the second one on the program can write no more byte to any file, as on a full disk.
 * That holds for every user, root too.
 */
async function runOutOfSpace(place: Place, format: string): Promise<KodaRun> {
  let pid = 0;
  await using server = await openScriptedServer((request) => {
    const { messages } = request.body as { messages: { role: string }[] }; // what our adapter sends
    if (messages.at(-1)?.role === "user") return bash("echo out");
    execFileSync("prlimit", ["--pid", String(pid), "--fsize=0"]);
    return { text: "The answer." };
  });
  const { child, done } = startKoda(place, args(server.baseUrl, "-p", "go", "--output-format", format));
  pid = child.pid ?? 0;
  return await done;
}

test("an answer that cannot be saved is printed, one warning says so, and the status is 1", async () => {
  await using place = await createPlace();
  const run = await runOutOfSpace(place, "text");
  expect(run.stdout).toBe("The answer.\n");
  expect(run.stderr.match(/not being saved/g)).toHaveLength(1);
  expect(run.code).toBe(1);
});

test("the report has the answer and the error", async () => {
  await using place = await createPlace();
  const run = await runOutOfSpace(place, "json");
  expect(JSON.parse(run.stdout)).toMatchObject({
    success: false,
    exitCode: 1,
    response: "The answer.",
    error: { code: "persistence_failed" },
    warnings: [{ code: "persistence_failed", message: expect.stringContaining("not being saved") }],
  });
  expect(run.stderr).toMatch(/^koda: the session goes on, but is not being saved: .*\n$/);
  expect(run.code).toBe(1);
});
