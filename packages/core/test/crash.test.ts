import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createProbeTool } from "./fakes/probe-tool.ts";
import { collect, Workbench } from "./fakes/workbench.ts";

test("after SIGKILL in a call the session resumes: nothing committed is lost, nothing runs twice", async () => {
  await using bench = new Workbench();
  const log = join(bench.projectRoot, "log");
  const program = fileURLToPath(new URL("fixtures/endless-turn.ts", import.meta.url));
  const child = spawn(process.execPath, [program, bench.projectRoot, bench.databasePath, log], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  let output = "";
  for await (const chunk of child.stdout) {
    output += String(chunk);
    if (output.includes("hanging")) break;
  }
  child.kill("SIGKILL");
  await exited;

  const id = output.split("\n")[0] ?? "";
  const tools = [createProbeTool({ effect: "local-mutation" })];
  const { session, provider } = await bench.open([{ text: "ok" }], { resume: id, tools });
  await collect(session, "go on");
  expect(provider.requests[0]?.messages.map(({ role, text }) => [role, text])).toEqual([
    ["user", "work"],
    ["assistant", "on it"],
    ["tool", "did first"],
    ["tool", expect.stringContaining("outcome is unknown")],
    ["tool", expect.stringContaining("was not run")],
    ["user", "go on"],
  ]);
  expect(readFileSync(log, "utf8")).toBe("first\nhang\n");
});
