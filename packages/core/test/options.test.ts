import { afterEach, beforeEach, expect, test } from "vitest";
import { createMemoryStore } from "../src/store/memory-store.ts";
import { createProbeTool } from "./fakes/probe-tool.ts";
import { createQuickEffects } from "./fakes/quick-effects.ts";
import { ScriptedProvider } from "./fakes/scripted-provider.ts";
import { collect, Workbench } from "./fakes/workbench.ts";

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(async () => await bench[Symbol.asyncDispose]());

test("how much the model thinks goes with every request, and is there again after a resume", async () => {
  const first = await bench.open([{ text: "a" }, { text: "b" }]);
  await collect(first.session, "go");
  first.session.setThinking("high");
  await collect(first.session, "go");
  expect(first.provider.requests.map(({ thinking }) => thinking)).toEqual([undefined, "high"]);
  await first.session[Symbol.asyncDispose]();

  const again = await bench.open([{ text: "c" }, { text: "d" }], { resume: first.session.id });
  expect(again.session.thinking).toBe("high");
  await collect(again.session, "go");
  again.session.setThinking(null);
  await collect(again.session, "go");
  expect(again.provider.requests.map(({ thinking }) => thinking)).toEqual(["high", undefined]);
});

test("a model that cannot be told how much to think refuses it by name, and nothing changes", async () => {
  const provider = Object.assign(new ScriptedProvider([]), { canThink: false });
  const { session } = await bench.open(provider);
  expect(() => session.setThinking("low")).toThrow(
    expect.objectContaining({ code: "bad_option", message: expect.stringContaining("script-1") }),
  );
  expect(session.thinking).toBeNull();
});

test("durable effects over a store that forgets are refused, by its name", async () => {
  const effects = { ...createQuickEffects(), isDurable: true };
  await expect(bench.open([], { effects, store: createMemoryStore() })).rejects.toMatchObject({
    code: "volatile_store",
    message: expect.stringContaining("memory"),
  });
  await bench.open([], { effects });
});

test("what the host gives for a turn is seen by the tools of that turn alone, and by no model or record", async () => {
  const seen: unknown[] = [];
  const tool = createProbeTool({
    execute: (_input, { values }) => {
      seen.push(values);
      return { text: "ok", isError: false };
    },
  });
  const call = { calls: [{ name: "Probe", input: { value: "x" } }] };
  const { session, provider } = await bench.open([call, { text: "a" }, call, { text: "b" }], { tools: [tool] });
  for await (const event of session.runTurn("one", { values: { tenant: "blue-7" } })) void event;
  for await (const event of session.runTurn("two")) void event;
  expect(seen).toEqual([{ tenant: "blue-7" }, {}]);
  expect(JSON.stringify([provider.requests, bench.store.readEntries(session.id)])).not.toContain("blue-7");
});

test.each([{ compactAt: 0 }, { compactAt: 1.5 }, { budget: { maxCostMicros: 0 } }, { budget: { maxTurnMs: -1 } }])(
  "an option out of range is refused when the session is opened, and nothing is left: %j",
  async (options) => {
    await expect(bench.open([], options)).rejects.toMatchObject({ code: "bad_option" });
    expect(bench.store.listSessions(null)).toEqual([]);
  },
);

test("a session can work for another: it is its child, its cost counts there, and depth has an end", async () => {
  const usage = { inputTokens: 10, outputTokens: 5, cacheReadTokens: 0, thinkingTokens: 0 };
  const root = await bench.open([{ text: "a", usage }]);
  await collect(root.session, "go");
  const child = await bench.open([{ text: "b", usage }], { parentId: root.session.id });
  await collect(child.session, "go");
  expect(bench.store.listChildren(root.session.id).map(({ id }) => id)).toEqual([child.session.id]);
  expect(bench.store.sumUsage("model", { sessionId: root.session.id })).toMatchObject([
    { inputTokens: 20, requests: 2 },
  ]);
  expect(child.provider.requests[0]?.messages).toEqual([{ role: "user", text: "go" }]);

  let parentId = child.session.id;
  for (let depth = 2; depth <= 4; depth += 1) parentId = (await bench.open([], { parentId })).session.id;
  await expect(bench.open([], { parentId })).rejects.toMatchObject({ code: "bad_option" });
  await expect(bench.open([], { parentId: "nobody" })).rejects.toMatchObject({ code: "session_not_found" });
});
