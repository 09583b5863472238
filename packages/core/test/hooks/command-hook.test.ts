import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { toCommandHook } from "../../src/hooks/to-command-hook.ts";
import type { Runner } from "../../src/ports/runner.ts";
import type { HookRecord } from "../../src/store/project-store.ts";
import { PlainRunner } from "../fakes/plain-runner.ts";
import { call, openHookBench } from "./hook-bench.ts";

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "koda-hook-"));
});
afterEach(async () => {
  await rm(cwd, { recursive: true, force: true });
});

const record = (command: string, changes: Partial<HookRecord> = {}): HookRecord => ({
  name: "mine",
  event: "before-tool",
  role: "guard",
  order: 100,
  timeoutMs: 30_000,
  matcherJson: "{}",
  command,
  ...changes,
});

/** A session that has one command hook. */
function openCommandHook(hook: HookRecord, { isReadOnly = false, runner = new PlainRunner({ cwd }) as Runner } = {}) {
  const bench = openHookBench();
  let runs = 0;
  const id = (): string => `r${++runs}`;
  bench.engine.register(toCommandHook(hook, { runner, id, isReadOnly: () => isReadOnly }));
  return bench;
}

test("status 0 lets a call pass", async () => {
  expect(await openCommandHook(record("true")).beforeTool()).toMatchObject({ kind: "go-on", isChanged: false });
});

test("status 2 blocks it, and what was printed is the reason", async () => {
  const outcome = await openCommandHook(record("echo 'not on main' >&2; exit 2")).beforeTool();
  expect(outcome).toEqual({ kind: "block", hook: "mine", reason: 'the hook "mine" says: not on main' });
});

test("stdout can block, or change the input, beside what goes to stderr", async () => {
  const block = record(`echo noise >&2; echo '{"decision":"block","reason":"no"}'`);
  expect(await openCommandHook(block).beforeTool()).toMatchObject({ kind: "block" });
  const change = record(`echo noise >&2; echo '{"input":{"command":"ls"}}'`);
  const { beforeTool } = openCommandHook(change);
  expect(await beforeTool()).toEqual({ kind: "go-on", input: { command: "ls" }, isChanged: true });
});

test("any other status of a guard blocks, and of an observer is reported", async () => {
  const failing = "echo broken; exit 1";
  expect(await openCommandHook(record(failing)).beforeTool()).toMatchObject({
    kind: "block",
    reason: expect.stringMatching(/"mine" failed: .*status 1: broken/),
  });
  const observer = openCommandHook(record(failing, { role: "observer" }));
  expect(await observer.beforeTool()).toMatchObject({ kind: "go-on" });
  expect(observer.reports).toMatchObject([{ name: "mine", outcome: "failed" }]);
});

test("a command has the payload, exactly, on stdin and in its environment, whatever is in it", async () => {
  const input = { text: 'it\'s $(touch gone) `x` \\ \n \u0000 "é" EOF' };
  const both = `test "$(cat)" = "$KODA_HOOK_PAYLOAD" && node -e '
    const { event, input } = JSON.parse(process.env.KODA_HOOK_PAYLOAD);
    console.log(JSON.stringify({ decision: "block", reason: JSON.stringify([event, input]) }));
  '`;
  const outcome = await openCommandHook(record(both)).beforeTool({ input });
  expect(outcome).toMatchObject({ reason: `the hook "mine" says: ${JSON.stringify(["before-tool", input])}` });
});

test("nothing in a command changes how it is called", async () => {
  const { beforeTool } = openCommandHook(record("# 'a comment\necho seen; exit 2 # '"));
  expect(await beforeTool()).toMatchObject({ reason: 'the hook "mine" says: seen' });
});

test("a payload that is too long fails a guard, and reaches an observer cut", async () => {
  const input = { text: "'".repeat(50_000) };
  const reason = expect.stringContaining("64 KiB");
  expect(await openCommandHook(record("true")).beforeTool({ input })).toMatchObject({ kind: "block", reason });
  const observer = openCommandHook(record(`grep -q '"isCut":true'`, { role: "observer" }));
  expect(await observer.beforeTool({ input })).toMatchObject({ kind: "go-on" });
  expect(observer.reports).toEqual([]);
});

test("a command that does not end is ended at its time limit", async () => {
  const { beforeTool, sleeps } = openCommandHook(record("sleep 1000", { timeoutMs: 40 }));
  const outcome = beforeTool();
  await expect.poll(() => sleeps.length).toBe(1);
  expect(sleeps[0]?.durationMs).toBe(40);
  sleeps[0]?.end();
  expect(await outcome).toMatchObject({ kind: "block", reason: expect.stringContaining("40 ms") });
});

test("each run has an id of its own, and is read-only when the session is", async () => {
  const runner = new PlainRunner({ cwd });
  const { beforeTool } = openCommandHook(record("true"), { runner, isReadOnly: true });
  await beforeTool();
  await beforeTool();
  expect(runner.requests.map(({ callId, isReadOnly }) => [callId, isReadOnly])).toEqual([
    ["hook_r1", true],
    ["hook_r2", true],
  ]);
});

test("a block in the output counts also when a runner passes no text on as it arrives", async () => {
  const output = '{"decision":"block","reason":"no"}';
  const runner: Runner = {
    enforcement: "kernel",
    run: async () => ({ exitCode: 0, signal: null, isTimedOut: false, output, durationMs: 0, violations: [] }),
  };
  expect(await openCommandHook(record("true"), { runner }).beforeTool()).toMatchObject({ kind: "block" });
});

test("a command hook is run for what its matcher says", async () => {
  const matcherJson = '{"commandPattern":"prod","tool":"Bash"}';
  const { beforeTool } = openCommandHook(record("exit 2", { matcherJson }));
  expect(await beforeTool({ command: "deploy dev" })).toMatchObject({ kind: "go-on" });
  expect(await beforeTool({ command: "deploy prod" })).toMatchObject({ kind: "block" });
  expect(await beforeTool({ ...call, name: "Other", command: "prod" })).toMatchObject({ kind: "go-on" });
});
