import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { EngineEvent } from "../src/events/engine-event.ts";
import { engineEventVersion } from "../src/events/engine-event.ts";
import { toLeaseOwner } from "../src/session/process-identity.ts";
import type { ConnectionRecord } from "../src/store/connection-record.ts";
import type { Store } from "../src/store/store.ts";
import { findGrammarFault } from "./fakes/event-grammar.ts";
import { createProbeTool } from "./fakes/probe-tool.ts";
import { ScriptedProvider } from "./fakes/scripted-provider.ts";
import { collect, idleRunner, only, Workbench } from "./fakes/workbench.ts";
import { writeAfterDeath } from "./fakes/write-after-death.ts";

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => bench[Symbol.asyncDispose]());

const connection: ConnectionRecord = {
  type: "connection",
  callId: "call_1_1_0",
  protocol: "http-connect",
  host: "example.com",
  port: 443,
  address: null,
  verdict: "refused",
  rule: null,
  reason: "no rule allows example.com",
  bytesUp: 0,
  bytesDown: 0,
  durationMs: 1,
};

test.each(["env-only", "none"] as const)(
  "Auto is refused where enforcement is %s, and nothing is stored",
  async (enforcement) => {
    const runner = { ...idleRunner, enforcement };
    await expect(bench.open([], { runner })).rejects.toMatchObject({ code: "enforcement_missing" });
    const { session } = await bench.open([], { runner, mode: "safe" });
    expect(session.enforcement).toBe(enforcement);
    expect(session.send({ type: "set-mode", mode: "auto" })).toBe(false);
    expect(session.mode).toBe("safe");
  },
);

test("the mode changes at once, is told, and is stored", async () => {
  const { session } = await bench.open([], { mode: "safe" });
  const heard: EngineEvent[] = [];
  session.subscribe((event) => heard.push(event));
  expect(session.send({ type: "set-mode", mode: "safe" })).toBe(false);
  expect(session.send({ type: "set-mode", mode: "plan" })).toBe(true);
  expect(heard).toEqual([{ type: "mode-changed", mode: "plan" }]);
  expect(bench.store.readSession(session.id)?.mode).toBe("plan");
});

test("the start event says what the session is", async () => {
  const { session } = await bench.open([]);
  expect(session.toStartEvent()).toEqual({
    type: "session-start",
    sessionId: session.id,
    provider: "scripted",
    model: "script-1",
    mode: "auto",
    enforcement: "kernel",
    projectRoot: bench.projectRoot,
    isResumed: false,
    version: engineEventVersion,
  });
});

test("a resumed session has its conversation, its title and fresh call ids", async () => {
  const call = { calls: [{ name: "Probe", input: { value: "x" } }] };
  const first = await bench.open([call, { text: "one" }], { tools: [createProbeTool({})] });
  await collect(first.session, "\n  Fix the\tbug\u{1b}[31m\nplease");
  await first.session[Symbol.asyncDispose]();

  const script = [call, { text: "two" }];
  const second = await bench.open(script, { tools: [createProbeTool({})], resume: first.session.id });
  expect(second.session.title).toBe("Fix the bug [31m");
  expect(second.session.toStartEvent()).toMatchObject({ isResumed: true });
  expect(second.session.transcript()).toEqual([
    { role: "user", text: "\n  Fix the\tbug\u{1b}[31m\nplease" },
    { role: "tool", name: "Probe", argumentsJson: '{"value":"x"}', outcome: "ok", text: "probed x" },
    { role: "assistant", text: "one", isComplete: true },
  ]);
  const events = await collect(second.session, "more");
  expect(only(events, "tool-call-start")[0]?.callId).toBe("call_2_1_0");
  expect(second.provider.requests[0]?.messages.map(({ role }) => role)).toEqual([
    "user",
    "assistant",
    "tool",
    "assistant",
    "user",
  ]);
  expect(bench.store.readSession(first.session.id)).toMatchObject({ turnCount: 2 });
});

test("a session open elsewhere is busy, and its id free again once it is closed", async () => {
  const { session } = await bench.open([]);
  await expect(bench.open([], { resume: session.id })).rejects.toMatchObject({
    code: "session_busy",
    message: expect.stringContaining(String(process.pid)),
  });
  await session[Symbol.asyncDispose]();
  await bench.open([], { resume: session.id });
});

test("the lease of a process that is gone is taken over", async () => {
  const { session } = await bench.open([]);
  await session[Symbol.asyncDispose]();
  // The number of this process, which started at another time: a number used again.
  const owner = { ...toLeaseOwner("t", Date.now()), startMarker: "1" };
  bench.store.acquireLease(session.id, owner, () => true);
  await bench.open([], { resume: session.id });
});

test("another provider needs to be asked for, another model does not", async () => {
  const { session } = await bench.open([]);
  await session[Symbol.asyncDispose]();
  const other = new ScriptedProvider([], { id: "other" });
  await expect(bench.open(other, { resume: session.id })).rejects.toMatchObject({ code: "provider_mismatch" });
  const larger = new ScriptedProvider([], { model: "large" });
  await bench.open(larger, { resume: session.id });
  expect(bench.store.readSession(session.id)?.model).toBe("large");
});

test.each(["", "..", "a/b", ".hidden", "a b", "ü", "a\0b", "a.", "x".repeat(129)])(
  "the id %j is refused before it touches anything",
  async (id) => {
    await expect(bench.open([], { resume: id })).rejects.toMatchObject({ code: "bad_session_id" });
  },
);

test("an unknown id and a session of another project are not found", async () => {
  await expect(bench.open([], { resume: "A-1_b.2" })).rejects.toMatchObject({ code: "session_not_found" });
  const { session } = await bench.open([]);
  await session[Symbol.asyncDispose]();
  await using elsewhere = new Workbench();
  await expect(elsewhere.open([], { store: bench.store, resume: session.id })).rejects.toMatchObject({
    code: "session_not_found",
  });
});

test("a new model is used from the next turn on, told and stored", async () => {
  const { session, provider } = await bench.open([{ text: ["a", "b"] }]);
  const larger = new ScriptedProvider([{ text: "c" }], { model: "large" });
  const events = await collect(session, "go", {
    onEvent: (event) => {
      if (event.type === "step-start") session.updateProvider(larger);
    },
  });
  expect(only(events, "model-changed")).toEqual([{ type: "model-changed", provider: "scripted", model: "large" }]);
  expect(provider.requests).toHaveLength(1);
  await collect(session, "again");
  expect(larger.requests).toHaveLength(1);
  expect(bench.store.readSession(session.id)?.model).toBe("large");
});

test("connections are stored and told, in a turn and between turns", async () => {
  const { session } = await bench.open([{ text: "a" }]);
  const heard: EngineEvent[] = [];
  session.subscribe((event) => heard.push(event));
  session.recordConnection(connection);
  expect(heard).toEqual([connection]);
  const events = await collect(session, "go", {
    onEvent: (event) => {
      if (event.type === "step-start") session.recordConnection(connection);
    },
  });
  expect(only(events, "connection")).toEqual([connection]);
  expect(bench.store.listConnections(session.id)).toEqual([connection, connection]);
});

test("files that the session created are its own after a resume", async () => {
  const write = { calls: [{ name: "Write", input: { path: "a.txt", content: "x" } }] };
  const { session } = await bench.open([write, { text: "ok" }]);
  await collect(session, "go");
  expect(bench.store.readOwnedFiles(session.id)).toEqual([join(bench.projectRoot, "a.txt")]);
});

test("the system prompt has the project's instructions and branch, and nothing from outside or protected", async () => {
  writeFileSync(join(bench.projectRoot, "AGENTS.md"), "Use tabs.\n");
  writeFileSync(join(bench.projectRoot, "..", "secret"), "hunter2");
  symlinkSync("../secret", join(bench.projectRoot, "KODA.md"));
  mkdirSync(join(bench.projectRoot, ".git"));
  writeFileSync(join(bench.projectRoot, ".git", "HEAD"), "ref: refs/heads/feature/x\n");
  const { session, provider } = await bench.open([{ text: "ok" }, { text: "ok" }], { systemPrompt: "You are a test." });
  await collect(session, "go");
  const system = provider.requests[0]?.system ?? "";
  expect(system).toMatch(/^You are a test\.\n\n# Environment/);
  expect(system).toContain(`Project directory: ${bench.projectRoot}`);
  expect(system).toContain("Git branch at the start of the turn: feature/x");
  expect(system).toContain("# Instructions of this project (AGENTS.md)\n\nUse tabs.");
  expect(system).not.toContain("hunter2");

  const guarded = await bench.open([{ text: "ok" }], { pathGuard: { check: () => ({ kind: "deny", rule: "no" }) } });
  await collect(guarded.session, "go");
  expect(guarded.provider.requests[0]?.system).not.toContain("Use tabs.");
});

test("what a killed process left: a finished call gives its result, an interrupted one says so, text is kept", async () => {
  const { session } = await bench.open([]);
  await session[Symbol.asyncDispose]();
  const store = bench.store;
  const writer = writeAfterDeath(store, session.id);
  const base = { sessionId: session.id, turnId: "t", createdAtMs: 1 };
  const toolCalls = ["call_1_1_0", "call_1_1_1", "call_1_1_2"].map((callId) => ({
    callId,
    name: "Probe",
    argumentsJson: "{}",
  }));
  store.appendEntry(writer, {
    ...base,
    id: "e1",
    parentId: null,
    content: { kind: "user", source: "prompt", text: "go" },
  });
  const assistant = { kind: "assistant", text: "", thinking: "", toolCalls, isComplete: true } as const;
  store.appendEntry(writer, { ...base, id: "e2", parentId: "e1", content: assistant });
  store.startCall(writer, "call_1_1_0", 1, 2);
  const result = {
    outcome: "ok",
    text: "kept",
    changes: [],
    durationMs: 1,
    origin: "workspace",
    fullTextHash: null,
  } as const;
  store.finishCall(writer, "call_1_1_0", result, 3);
  store.startCall(writer, "call_1_1_1", 1, 4);
  store.writeDraft(writer, { turnId: "t", text: "half an ans", thinking: "" });

  const resumed = await bench.open([{ text: "ok" }], { resume: session.id, tools: [createProbeTool({})] });
  const events = await collect(resumed.session, "go on");
  expect(resumed.provider.requests[0]?.messages.slice(1)).toEqual([
    { role: "assistant", text: "", toolCalls },
    { role: "tool", callId: "call_1_1_0", text: "kept", isError: false },
    { role: "tool", callId: "call_1_1_1", text: expect.stringContaining("outcome is unknown"), isError: true },
    { role: "tool", callId: "call_1_1_2", text: expect.stringContaining("was not run"), isError: true },
    { role: "assistant", text: expect.stringMatching(/^half an ans\n\n/), toolCalls: [] },
    { role: "user", text: "go on" },
  ]);
  expect(only(events, "tool-call-start")).toHaveLength(0);
  expect(store.readDraft(session.id)).toBeNull();
});

/** A session whose process died in its first turn, while `calls` were running. */
async function leaveInterrupted(calls: readonly { readonly callId: string; readonly name: string }[]): Promise<string> {
  const { session } = await bench.open([]);
  await session[Symbol.asyncDispose]();
  const writer = writeAfterDeath(bench.store, session.id);
  const base = { sessionId: session.id, turnId: "t", createdAtMs: 1 };
  const toolCalls = calls.map((call) => ({ ...call, argumentsJson: '{"value":"x"}' }));
  const assistant = { kind: "assistant", text: "", thinking: "", toolCalls, isComplete: true } as const;
  const prompt = { kind: "user", source: "prompt", text: "go" } as const;
  bench.store.appendEntry(writer, { ...base, id: "e1", parentId: null, content: prompt });
  bench.store.appendEntry(writer, { ...base, id: "e2", parentId: "e1", content: assistant });
  for (const { callId } of calls) bench.store.startCall(writer, callId, 1, 2);
  return session.id;
}

test("an interrupted read-only call is run again before the next request, a mutating one never", async () => {
  const resume = await leaveInterrupted([
    { callId: "call_1_1_0", name: "Look" },
    { callId: "call_1_1_1", name: "Change" },
  ]);
  const ran: string[] = [];
  const tools = (["read-only", "local-mutation"] as const).map((effect) =>
    createProbeTool({
      name: effect === "read-only" ? "Look" : "Change",
      effect,
      execute: () => {
        ran.push(effect);
        return { text: "seen now", isError: false };
      },
    }),
  );
  const { session, provider } = await bench.open([{ text: "ok" }, { text: "ok" }], { resume, tools });
  const events = await collect(session, "go on");
  expect(findGrammarFault(events)).toBeNull();
  expect(events.slice(0, 4).map(({ type }) => type)).toEqual([
    "turn-start",
    "step-start",
    "tool-call-start",
    "tool-call-end",
  ]);
  expect(provider.requests[0]?.messages.slice(2)).toEqual([
    { role: "tool", callId: "call_1_1_0", text: "seen now", isError: false },
    { role: "tool", callId: "call_1_1_1", text: expect.stringContaining("outcome is unknown"), isError: true },
    { role: "user", text: "go on" },
  ]);
  expect(bench.store.readCalls(session.id)).toMatchObject([
    { state: "finished", result: { outcome: "ok", text: "seen now" } },
    { state: "started", result: null },
  ]);
  await collect(session, "more");
  expect(ran).toEqual(["read-only"]);
});

test("an interrupted read-only call that the rules now forbid is blocked, not run again", async () => {
  const resume = await leaveInterrupted([{ callId: "call_1_1_0", name: "Probe" }]);
  bench.store.addPermissionRule(bench.projectRoot, { verdict: "deny", text: "Probe" }, 1);
  const { session, provider } = await bench.open([{ text: "ok" }], { resume, tools: [createProbeTool({})] });
  await collect(session, "go on");
  expect(provider.requests[0]?.messages[2]).toMatchObject({ text: expect.stringMatching(/^Blocked: /), isError: true });
});

test("a call that was interrupted a second time is left alone", async () => {
  const resume = await leaveInterrupted([{ callId: "call_1_1_0", name: "Probe" }]);
  bench.store.appendEntry(writeAfterDeath(bench.store, resume), {
    id: "e3",
    sessionId: resume,
    parentId: "e2",
    turnId: "t2",
    createdAtMs: 3,
    content: { kind: "user", source: "prompt", text: "go on" },
  });
  const { session, provider } = await bench.open([{ text: "ok" }], { resume, tools: [createProbeTool({})] });
  const events = await collect(session, "and now?");
  expect(only(events, "tool-call-start")).toEqual([]);
  expect(provider.requests[0]?.messages[2]).toMatchObject({ text: expect.stringContaining("outcome is unknown") });
});

test("an abort while an interrupted call runs again ends the turn before the model is asked", async () => {
  const resume = await leaveInterrupted([{ callId: "call_1_1_0", name: "Probe" }]);
  const untilAborted = (signal: AbortSignal): Promise<never> =>
    new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  const tools = [createProbeTool({ execute: (_input, { signal }) => untilAborted(signal) })];
  const { session, provider } = await bench.open([{ text: "ok" }], { resume, tools });
  const events = await collect(session, "go on", {
    onEvent: ({ type }) => {
      if (type === "tool-call-start") session.send({ type: "cancel" });
    },
  });
  expect(events.at(-1)).toMatchObject({ outcome: { kind: "cancelled" } });
  expect(findGrammarFault(events)).toBeNull();
  expect(provider.requests).toEqual([]);
});

test("the prompt is stored before the model is asked, and the end before it is told", async () => {
  const stored: string[] = [];
  const look = (): void => {
    stored.push(JSON.stringify(bench.store.readEntries(session.id).map(({ content }) => content)));
  };
  const { session } = await bench.open([
    () => {
      look();
      return { text: "fine" };
    },
  ]);
  session.subscribe((event) => {
    if (event.type === "turn-end") look();
  });
  await collect(session, "remember me");
  expect(stored[0]).toContain("remember me");
  expect(stored[1]).toContain('"turn-end"');
});

test("streamed text is on disk before the answer is whole", async () => {
  let seen: string | undefined;
  const { session } = await bench.open([{ text: Array(14).fill("word "), delayMs: 60 }]);
  await collect(session, "go", {
    onEvent: () => {
      seen = bench.store.readDraft(session.id)?.text ?? seen;
    },
  });
  expect(seen).toMatch(/^word /);
});

test("when the store breaks in mid-turn, the answer still comes, with one warning; what was missing is saved later", async () => {
  const { store, isBroken } = createBreakableStore(bench.store);
  const call = { calls: [{ name: "Probe", input: { value: "x" } }] };
  const { session } = await bench.open([call, { text: "done" }, { text: "later" }], {
    store,
    tools: [createProbeTool({})],
  });
  const events = await collect(session, "go", {
    onEvent: (event) => {
      if (event.type === "step-start") isBroken.value = true;
    },
  });
  expect(only(events, "warning").map(({ code }) => code)).toEqual(["persistence_failed"]);
  expect(events.at(-1)).toMatchObject({ outcome: { kind: "complete", text: "done" } });
  expect(findGrammarFault(events)).toBeNull();

  isBroken.value = false;
  await collect(session, "again");
  const texts = bench.store.readEntries(session.id).map(({ content }) => ("text" in content ? content.text : "end"));
  expect(texts).toEqual(["go", "", "done", "end", "again", "later", "end"]);
});

test("a row that the database rejects is left out and named, and the rest is saved", async () => {
  const { session } = await bench.open([{ text: "done" }]);
  const events = await collect(session, "go", {
    onEvent: ({ type }) => {
      // Half a byte is no integer, and the tables are strict.
      if (type === "step-start") session.recordConnection({ ...connection, bytesUp: 0.5 });
    },
  });
  session.recordConnection(connection);
  expect(only(events, "warning")).toEqual([
    {
      type: "warning",
      code: "persistence_failed",
      message: expect.stringMatching(/without this: a connection to example\.com: .*REAL value/),
    },
  ]);
  expect(bench.store.listConnections(session.id)).toEqual([connection]);
  expect(bench.store.readEntries(session.id).map(({ content }) => content.kind)).toEqual([
    "user",
    "assistant",
    "turn-end",
  ]);
});

test("the entries after one that the database rejects follow the one before it", async () => {
  const { session } = await bench.open([{ text: "poison" }, { text: "fine" }]);
  const database = new Database(bench.databasePath);
  database.exec(`CREATE TRIGGER refuse BEFORE INSERT ON entries WHEN NEW.content LIKE '%"text":"poison"%"toolCalls"%'
    BEGIN SELECT RAISE(ABORT, 'no poison'); END`);
  database.close();
  const events = await collect(session, "one");
  await collect(session, "two");
  expect(only(events, "warning").map(({ message }) => message)).toEqual([
    expect.stringMatching(/entry \S+ \(assistant\): .*no poison/),
  ]);
  const entries = bench.store.readEntries(session.id);
  expect(entries.map(({ content }) => ("text" in content ? content.text : "end"))).toEqual([
    "one",
    "end",
    "two",
    "fine",
    "end",
  ]);
  expect(entries.map(({ parentId }) => parentId)).toEqual([null, ...entries.slice(0, -1).map(({ id }) => id)]);
});

/** The real store, whose writes fail while `isBroken`. */
function createBreakableStore(store: Store): { store: Store; isBroken: { value: boolean } } {
  const isBroken = { value: false };
  const broken = new Proxy(store, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== "function" || String(name).startsWith("read") || String(name).startsWith("list"))
        return member;
      return (...values: unknown[]): unknown => {
        if (isBroken.value) throw new Error("no space left on device");
        return member.apply(target, values);
      };
    },
  });
  return { store: broken, isBroken };
}

test("token counts that no database takes do not keep a session from being saved", async () => {
  const usage = { inputTokens: 1e300, outputTokens: Number.NaN, cacheReadTokens: -1, thinkingTokens: 0.5 };
  const { session } = await bench.open([{ text: "done", usage }]);
  const events = await collect(session, "go");
  expect(only(events, "warning")).toEqual([]);
  expect(bench.store.readEntries(session.id).map(({ content }) => content.kind)).toEqual([
    "user",
    "assistant",
    "turn-end",
  ]);
  expect(bench.store.readUsage(session.id).inputTokens).toBe(0);
});
