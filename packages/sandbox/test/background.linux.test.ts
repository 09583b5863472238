import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { openTestSandbox, type TestSandbox } from "./open-test-sandbox.ts";
import { eventually } from "./proxy/rig.ts";

function startShell(it: TestSandbox, script: string, request: { readonly maxOutputBytes?: number } = {}) {
  return it.sandbox.start({ argv: ["bash", "-c", script], clientId: "background", isReadOnly: false, ...request });
}

test("output can be read while a command runs on, beside others", async () => {
  await using it = await openTestSandbox();
  const server = startShell(it, "echo one; until [ -e go ]; do sleep 0.01; done; echo two; sleep 600");
  await eventually(() => server.output.text() === "one\n");
  expect((await it.sh("touch go")).exitCode).toBe(0);
  await eventually(() => server.output.text() === "one\ntwo\n");
  await server.stop();
  expect(await server.ended).toMatchObject({ output: "one\ntwo\n", isTimedOut: false });
});

test("of much output the head and the true tail are there at any time", async () => {
  await using it = await openTestSandbox();
  const running = startShell(it, "seq 100000; sleep 600", { maxOutputBytes: 1_000 });
  await eventually(() => running.output.text().endsWith("99999\n100000\n"));
  expect(running.output.text().startsWith("1\n2\n3\n")).toBe(true);
  expect(running.output.droppedBytes).toBeGreaterThan(500_000);
});

test("a command lives as long as the sandbox, and no longer", async () => {
  const marker = `koda-background-${process.pid}`;
  const it = await openTestSandbox();
  const running = startShell(it, `echo up; exec -a ${marker} sleep 600`);
  await eventually(() => isRunning(marker));
  await it[Symbol.asyncDispose]();
  expect(isRunning(marker)).toBe(false);
  expect(await running.ended).toMatchObject({ exitCode: null, output: "up\n" });
});

test("stop asks first: a command can write down what it has", async () => {
  await using it = await openTestSandbox();
  const running = startShell(it, "trap 'echo saved; exit 3' TERM; echo up; while :; do :; done");
  await eventually(() => running.output.text() === "up\n");
  await running.stop();
  expect(await running.ended).toMatchObject({ output: "up\nsaved\n" });
});

test("the wall time of the policy ends commands that were given none, or more", async () => {
  await using it = await openTestSandbox({ limits: { wallMs: 50 } });
  expect(await startShell(it, "echo up; sleep 600").ended).toMatchObject({ isTimedOut: true });
  expect(await it.sh("sleep 600", { timeoutMs: 60_000 })).toMatchObject({ isTimedOut: true });
  const spawned = it.sandbox.spawn({ argv: ["sleep", "600"], clientId: "spawned", isReadOnly: false });
  expect((await spawned.exited).exitCode).not.toBe(0);
});

function isRunning(name: string): boolean {
  return readdirSync("/proc").some((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[0] === name;
    } catch {
      return false; // ended meanwhile
    }
  });
}
