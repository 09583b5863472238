import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { KodaSession } from "../../src/session/koda-session.ts";
import { findGrammarFault } from "../fakes/event-grammar.ts";
import { createProbeTool } from "../fakes/probe-tool.ts";
import { collect, gather, only, Workbench } from "../fakes/workbench.ts";

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => bench[Symbol.asyncDispose]());

const call = { calls: [{ name: "Probe", input: { value: "x" } }] };
const reason = { code: "broken", text: "the tests do not start" };

test("a paused session ends its turn after the step, refuses prompts, and goes on with the turn when resumed", async () => {
  const { session, provider } = await bench.open([call, { text: "done" }], { tools: [createProbeTool({})] });
  session.subscribe(({ type }) => {
    if (type === "tool-call-start") session.pause();
  });
  const first = await collect(session, "go");
  expect(findGrammarFault(first)).toBeNull();
  expect(first.at(-1)).toMatchObject({ outcome: { kind: "paused" } });
  expect(provider.requests).toHaveLength(1);
  expect(session.state).toBe("paused");
  const left = session.unfinishedTurn;
  await expect(collect(session, "more")).rejects.toMatchObject({ code: "session_paused" });
  await expect(gather(session.continueTurn())).rejects.toMatchObject({ code: "session_paused" });
  expect(bench.store.readEntries(session.id).map(({ content }) => content.kind)).toEqual(["user", "assistant"]);

  expect(session.send({ type: "resume" })).toBe(true);
  const second = await gather(session.continueTurn());
  expect(findGrammarFault(second)).toBeNull();
  expect(second.at(-1)).toMatchObject({ turnId: left?.turnId, outcome: { kind: "complete", text: "done" } });
  expect(only(second, "tool-call-start")).toEqual([]);
  expect(provider.requests).toHaveLength(2);
});

test("a session that was paused is so after a restart, and its turn goes on then", async () => {
  const { session } = await bench.open([call], { tools: [createProbeTool({})] });
  session.subscribe(({ type }) => {
    if (type === "tool-call-start") session.send({ type: "pause" });
  });
  await collect(session, "go");
  await session[Symbol.asyncDispose]();
  const options = { resume: session.id, tools: [createProbeTool({})] };
  const { session: resumed } = await bench.open([{ text: "done" }], options);
  expect(resumed.state).toBe("paused");
  expect(resumed.resume()).toBe(true);
  const events = await gather(resumed.continueTurn());
  expect(events.at(-1)).toMatchObject({ outcome: { kind: "complete", text: "done" } });
});

const deeds = ["pause", "resume", "reopen"] as const;
const states: readonly (readonly [string, (session: KodaSession) => void, (typeof deeds)[number], string | null])[] = [
  ["active", () => undefined, "pause", null],
  ["paused", (session) => session.pause(), "resume", "session_paused"],
  ["completed", (session) => session.complete(), "reopen", "session_ended"],
  ["error", (session) => session.fail(reason), "reopen", "session_ended"],
];

test.each(states)(
  "a session that is %s can do one thing; what does not fit changes nothing",
  async (state, enter, fits, code) => {
    const { session, provider } = await bench.open([{ text: "ok" }]);
    enter(session);
    expect(session.state).toBe(state);
    const before = bench.store.readSession(session.id);
    expect(before).toMatchObject({ state, stateReason: state === "error" ? reason : null });
    for (const deed of deeds.filter((each) => each !== fits)) expect(session[deed]()).toBe(false);
    if (code !== null) await expect(collect(session, "go")).rejects.toMatchObject({ code });
    expect(bench.store.readSession(session.id)).toEqual(before);
    expect(bench.store.readEntries(session.id)).toEqual([]);
    expect(provider.requests).toEqual([]);
    expect(session[fits]()).toBe(true);
  },
);

test.each([
  ["completed", (session: KodaSession) => session.complete()],
  ["error", (session: KodaSession) => session.fail(reason)],
])("a session that is %s takes prompts again once it is reopened, after a restart too", async (state, enter) => {
  const { session } = await bench.open([]);
  enter(session);
  await session[Symbol.asyncDispose]();
  const { session: resumed } = await bench.open([{ text: "ok" }], { resume: session.id });
  expect(resumed.state).toBe(state);
  await expect(collect(resumed, "go")).rejects.toMatchObject({ code: "session_ended" });
  expect(resumed.reopen()).toBe(true);
  expect((await collect(resumed, "go")).at(-1)).toMatchObject({ outcome: { kind: "complete" } });
  expect(bench.store.readSession(session.id)).toMatchObject({ state: "active", stateReason: null });
});

test("each change of state is told once", async () => {
  const { session } = await bench.open([]);
  const told: unknown[] = [];
  session.subscribe((event) => {
    if (event.type === "state-changed") told.push([event.state, event.reason]);
  });
  session.pause();
  session.pause();
  session.resume();
  session.complete();
  session.complete();
  session.reopen();
  session.fail(reason);
  expect(told).toEqual([
    ["paused", null],
    ["active", null],
    ["completed", null],
    ["active", null],
    ["error", reason],
  ]);
});

test("a state that cannot be understood can be read, and runs nothing", async () => {
  const { session } = await bench.open([{ text: "ok" }]);
  await collect(session, "go");
  await session[Symbol.asyncDispose]();
  const database = new Database(bench.databasePath);
  database.pragma("ignore_check_constraints = ON");
  database.prepare("UPDATE sessions SET state = 'dreaming' WHERE id = ?").run(session.id);
  database.close();
  expect(bench.store.listSessions(null)).toMatchObject([{ id: session.id, state: "unknown" }]);
  const { session: resumed, provider } = await bench.open([{ text: "no" }], { resume: session.id });
  expect(resumed.state).toBe("unknown");
  expect(resumed.transcript()).toHaveLength(2);
  await expect(collect(resumed, "go")).rejects.toMatchObject({ code: "session_ended" });
  expect([resumed.pause(), resumed.resume(), resumed.reopen()]).toEqual([false, false, false]);
  expect(provider.requests).toEqual([]);
});
