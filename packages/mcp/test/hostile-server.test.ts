import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { McpError, McpManager, spawnPlain } from "../src/index.ts";
import { call, hostile, openServers } from "./open-servers.ts";

test("lines that are no message are ignored and counted", async () => {
  await using manager = await openServers(hostile("garbage"));
  expect(await call(manager, "garbage__echo", { a: 1 })).toEqual({ text: '{"a":1}', isError: false });
  expect(manager.status()).toMatchObject([{ state: "ready", ignoredFrames: expect.any(Number) }]);
  expect(manager.status()[0]?.ignoredFrames).toBeGreaterThanOrEqual(7);
});

test("servers that fail to start do not harm the others, and say why", async () => {
  await using manager = await openServers(
    hostile("exit"),
    hostile("throw"),
    hostile("mute", { startupTimeoutMs: 300 }),
    hostile("old"),
    { name: "absent", command: "/nowhere/server", args: [], env: {} },
    hostile("fine"),
  );
  expect(manager.status()).toEqual([
    { name: "exit", state: "failed", message: "exited with code 3: no licence found", toolCount: 0, ignoredFrames: 0 },
    {
      name: "throw",
      state: "failed",
      message: "exited with code 1: TypeError: no database at hand",
      toolCount: 0,
      ignoredFrames: 0,
    },
    { name: "mute", state: "failed", message: "did not answer within 300 ms", toolCount: 0, ignoredFrames: 0 },
    { name: "old", state: "failed", message: expect.stringContaining("1999-01-01"), toolCount: 0, ignoredFrames: 0 },
    { name: "absent", state: "failed", message: expect.stringContaining("ENOENT"), toolCount: 0, ignoredFrames: 0 },
    { name: "fine", state: "ready", toolCount: 10, ignoredFrames: 0 },
  ]);
  expect(manager.instructions()).toEqual([{ server: "fine", text: "be careful" }]);
});

test("tools that are none are left out; hints and names come out safe", async () => {
  await using manager = await openServers(hostile("bad-tools"));
  const tools = manager.tools().map(({ name, description, effect }) => ({ name, description, effect }));
  expect(tools).toEqual([
    { name: "bad-tools__good", description: "[bad-tools] fine", effect: "read-only" },
    {
      name: expect.stringMatching(/^bad-tools__both_hints_[0-9a-f]{8}$/),
      description: "[bad-tools]",
      effect: "destructive",
    },
    { name: expect.stringMatching(/^bad-tools__x+_[0-9a-f]{8}$/), description: "[bad-tools]", effect: "remote-action" },
    { name: "bad-tools__schema", description: "[bad-tools]", effect: "remote-action" },
  ]);
  expect(Math.max(...tools.map(({ name }) => name.length))).toBe(64);
});

test("a list of tools without end is cut", async () => {
  await using manager = await openServers(hostile("endless"));
  expect(manager.tools()).toHaveLength(100);
});

test.each([
  {
    name: "blocks",
    expected:
      'a\n[image image/png, 3 bytes, not shown]\ninside\n[resource file:///y "why"]\n[content of type hologram, not shown]\n[content of type unknown, not shown]',
    isError: false,
  },
  {
    name: "shapeless",
    expected: 'MCP server "fine" failed: its answer has not the shape that MCP asks for',
    isError: true,
  },
  { name: "refuse", expected: 'MCP server "fine" failed: MCP error -32602: wrong city', isError: true },
  { name: "ask", expected: "asked", isError: false },
])("the result of $name is a value", async ({ name, expected, isError }) => {
  await using manager = await openServers(hostile("fine"));
  expect(await call(manager, `fine__${name}`)).toEqual({ text: expected, isError });
});

test("a tool that says it failed keeps its word", async () => {
  await using manager = await openServers(hostile("fine"));
  expect(await call(manager, "fine__echo", { fail: true })).toEqual({ text: '{"fail":true}', isError: true });
});

test("a huge result is capped, never in the middle of a character", async () => {
  await using manager = await openServers(hostile("fine"));
  const { text } = await call(manager, "fine__huge");
  expect(text).toBe(`${"x".repeat(39_999)}\n[1000002 more characters dropped]`);
});

test("a call over its time limit fails, and the server is told", async () => {
  await using manager = await openServers(hostile("fine", { toolTimeoutMs: 200 }));
  expect(await call(manager, "fine__sleep")).toEqual({
    text: 'MCP server "fine" did not finish the call within 200 ms',
    isError: true,
  });
  expect((await call(manager, "fine__cancelled")).text).toMatch(/^\[\d+\]$/);
});

test("an aborted call rejects with the reason at once, and the server is told once", async () => {
  await using manager = await openServers(hostile("fine"));
  const abort = new AbortController();
  const running = call(manager, "fine__sleep", {}, abort.signal);
  const done = await call(manager, "fine__echo", {}, abort.signal);
  abort.abort(new Error("enough"));
  await expect(running).rejects.toThrow("enough");
  await expect(call(manager, "fine__echo", {}, abort.signal)).rejects.toThrow("enough");
  expect(done.isError).toBe(false);
  expect((await call(manager, "fine__cancelled")).text).toMatch(/^\[\d+\]$/);
});

test("after a server has died its calls say so and its tools stay listed", async () => {
  await using manager = await openServers(hostile("fine"));
  const gone = { text: 'MCP server "fine" is gone: it exited with code 7: disk on fire', isError: true };
  expect(await call(manager, "fine__die")).toEqual(gone);
  expect(await call(manager, "fine__echo")).toEqual(gone);
  expect(manager.status()).toMatchObject([{ state: "failed", message: "exited with code 7: disk on fire" }]);
  expect(manager.instructions()).toEqual([]);
});

test("a changed list makes the generation grow, once for a storm of notices", async () => {
  await using manager = await openServers(hostile("fine"));
  const before = manager.tools();
  expect(manager.tools()).toBe(before);
  const { generation } = manager;
  await call(manager, "fine__grow");
  await expect.poll(() => manager.generation).toBe(generation + 1);
  await sleep(250);
  expect(manager.generation).toBe(generation + 1);
  expect(manager.tools().map(({ name }) => name)).toContain("fine__extra0");
});

test("a list that cannot be read again leaves the old one", async () => {
  await using manager = await openServers(hostile("refuses-second-list"));
  const { generation } = manager;
  await call(manager, "refuses-second-list__grow");
  await expect.poll(() => manager.status()[0]?.message).toContain("not again");
  expect(manager.generation).toBe(generation);
  expect(manager.status()).toMatchObject([{ state: "ready", toolCount: 10 }]);
});

test("disposing ends a server that will not leave, and what it started", async () => {
  const manager = await openServers(hostile("stubborn"));
  const pid = Number(
    manager
      .tools()
      .at(-1)
      ?.name.match(/child_(\d+)$/)?.[1],
  );
  expect(isAlive(pid)).toBe(true);
  await manager[Symbol.asyncDispose]();
  await manager[Symbol.asyncDispose]();
  await expect.poll(() => isAlive(pid)).toBe(false);
});

test("calls under way end when the manager is disposed", async () => {
  const manager = await openServers(hostile("fine"));
  const running = call(manager, "fine__sleep");
  await manager[Symbol.asyncDispose]();
  expect((await running).isError).toBe(true);
});

test("aborting while servers start rejects with the reason and leaves none", async () => {
  const abort = new AbortController();
  const opening = McpManager.open({
    servers: [hostile("mute"), hostile("fine")],
    spawn: spawnPlain(process.env),
    signal: abort.signal,
  });
  setTimeout(() => abort.abort(new Error("never mind")), 100);
  await expect(opening).rejects.toThrow("never mind");
});

test("two servers of one name are refused before any starts", async () => {
  await expect(openServers(hostile("fine"), hostile("fine"))).rejects.toThrow(McpError);
});

test("no servers cost nothing", async () => {
  await using manager = await openServers();
  expect(manager.tools()).toEqual([]);
  expect(manager.status()).toEqual([]);
});

/** A dead process that nobody has waited for yet counts as gone. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return stdout.trim() !== "" && !stdout.startsWith("Z");
}
