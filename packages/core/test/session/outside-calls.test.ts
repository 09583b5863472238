import { afterEach, beforeEach, expect, test } from "vitest";
import { createRemoteControl } from "../../src/attach/remote-control.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import { findGrammarFault } from "../fakes/event-grammar.ts";
import { createProbeTool } from "../fakes/probe-tool.ts";
import { collect, gather, only, Workbench } from "../fakes/workbench.ts";
import { writeAfterDeath } from "../fakes/write-after-death.ts";

let bench: Workbench;
let elsewhere: Store;
beforeEach(() => {
  bench = new Workbench();
  elsewhere = openSqliteStore(bench.databasePath);
});
afterEach(async () => {
  elsewhere.close();
  await bench[Symbol.asyncDispose]();
});

const taskId = "task_call_1_1_0";
const done = (text: string) => ({ type: "complete-task", taskId, text, isError: false }) as const;
const tools = [
  createProbeTool({ effect: "local-mutation", execute: () => Promise.reject(new Error("it was to be run outside")) }),
];
const call = { calls: [{ name: "Probe", input: { value: "x" } }] };
const control = () =>
  createRemoteControl(elsewhere, { by: "a worker", now: () => Date.now(), id: () => "id", redact: String });

test("a call of an external lane is told, and ended by another process; only the first result counts", async () => {
  const { session, provider } = await bench.open([call, { text: "ok" }], { tools });
  session.lanes.setHandler("execute", { mode: "external", timeoutMs: 60_000 });
  const sent: boolean[] = [];
  const events = await collect(session, "go", {
    onEvent: (event) => {
      if (event.type !== "external-task") return;
      expect(event).toMatchObject({
        taskId,
        callId: "call_1_1_0",
        lane: "execute",
        name: "Probe",
        input: { value: "x" },
      });
      expect(session.pendingExternalTasks()).toMatchObject([{ taskId, name: "Probe" }]);
      sent.push(control().send(session.id, done("from afar")), session.send(done("from here")));
    },
  });
  expect(findGrammarFault(events)).toBeNull();
  expect(sent).toEqual([true, false]);
  expect(only(events, "external-task-end")).toEqual([{ type: "external-task-end", taskId, outcome: "completed" }]);
  expect(provider.requests[1]?.messages.at(-1)?.text).toContain("from afar");
  expect(session.pendingExternalTasks()).toEqual([]);
});

test("a call that nobody ends in time is an error that the model reads, and a dead letter", async () => {
  const { session, provider } = await bench.open([call, { text: "ok" }], { tools, hasDeadLetters: true });
  session.lanes.setHandler("execute", { mode: "external", timeoutMs: 20 });
  const events = await collect(session, "go");
  expect(only(events, "external-task-end")).toMatchObject([{ outcome: "timed-out" }]);
  expect(only(events, "dead-letter")).toMatchObject([{ callId: "call_1_1_0", name: "Probe" }]);
  expect(session.lanes.deadLetters()).toMatchObject([{ callId: "call_1_1_0" }]);
  expect(provider.requests[1]?.messages.at(-1)).toMatchObject({
    text: expect.stringContaining("timed out"),
    isError: true,
  });
  expect(session.send(done("late"))).toBe(false);
});

/** A session whose process died while a call was being run outside. */
async function leaveOutside(): Promise<string> {
  const { session } = await bench.open([]);
  await session[Symbol.asyncDispose]();
  const { id } = session;
  const writer = writeAfterDeath(bench.store, id);
  const base = { sessionId: id, turnId: "t", createdAtMs: 1 };
  const prompt = { kind: "user", source: "prompt", text: "go", turn: { number: 1, protocol: 1 } } as const;
  const toolCalls = [{ callId: "call_1_1_0", name: "Probe", argumentsJson: '{"value":"x"}' }];
  const answer = { kind: "assistant", text: "", thinking: "", toolCalls, isComplete: true, step: 1 } as const;
  bench.store.appendEntry(writer, { ...base, id: "e1", parentId: null, content: prompt });
  bench.store.appendEntry(writer, { ...base, id: "e2", parentId: "e1", content: answer });
  bench.store.startCall(writer, "call_1_1_0", 1, 2);
  bench.store.openWait(writer, {
    key: `${id}/wait/${taskId}`,
    turnId: "t",
    callId: "call_1_1_0",
    kind: "external",
    payloadJson: JSON.stringify({ name: "Probe", input: { value: "x" }, lane: "execute", callId: "call_1_1_0" }),
    deadlineMs: Date.now() + 60_000,
    createdAtMs: 2,
  });
  return id;
}

test("a call that was being run outside when the process died is pending in the next one, and its result counts", async () => {
  const resume = await leaveOutside();
  const { session, provider } = await bench.open([{ text: "ok" }], { resume, tools });
  session.lanes.setHandler("execute", { mode: "external", timeoutMs: 60_000 });
  expect(session.pendingExternalTasks()).toMatchObject([{ taskId, name: "Probe", input: { value: "x" } }]);
  const events = await gather(session.continueTurn(), (event) => {
    if (event.type === "external-task") control().send(resume, done("at last"));
  });
  expect(provider.requests[0]?.messages.at(-1)?.text).toContain("at last");
  expect(only(events, "external-task")).toHaveLength(1);
  expect(session.pendingExternalTasks()).toEqual([]);
});

test("a call that was handed out, and whose lane is run here by now, is not run: its outcome is unknown", async () => {
  const resume = await leaveOutside();
  const { session, provider } = await bench.open([{ text: "ok" }], { resume, tools });
  await gather(session.continueTurn());
  expect(provider.requests[0]?.messages.at(-1)?.text).toContain("outcome is unknown");
});

test("a call that died here is not handed out instead: its outcome is unknown", async () => {
  const resume = await leaveOutside();
  bench.store.closeWait(writeAfterDeath(bench.store, resume), `${resume}/wait/${taskId}`);
  const { session, provider } = await bench.open([{ text: "ok" }], { resume, tools });
  session.lanes.setHandler("execute", { mode: "external", timeoutMs: 60_000 });
  const events = await gather(session.continueTurn(), ({ type }) => {
    if (type === "external-task") session.send({ type: "cancel" });
  });
  expect(only(events, "external-task")).toEqual([]);
  expect(provider.requests[0]?.messages.at(-1)?.text).toContain("outcome is unknown");
});

test("a call that was ended outside while the process was dead has that result for a new prompt, too", async () => {
  const resume = await leaveOutside();
  control().send(resume, done("meanwhile"));
  const { session, provider } = await bench.open([{ text: "ok" }], { resume, tools });
  session.lanes.setHandler("execute", { mode: "external", timeoutMs: 60_000 });
  await collect(session, "well?");
  expect(provider.requests[0]?.messages.map(({ text }) => text)).toEqual(["go", "", "meanwhile", "well?"]);
});

test("a call that was ended outside while the process was dead has that result, and is not told again", async () => {
  const resume = await leaveOutside();
  expect(control().send(resume, done("meanwhile"))).toBe(true);
  const { session, provider } = await bench.open([{ text: "ok" }], { resume, tools });
  session.lanes.setHandler("execute", { mode: "external", timeoutMs: 60_000 });
  const events = await gather(session.continueTurn());
  expect(provider.requests[0]?.messages.at(-1)?.text).toContain("meanwhile");
  expect(only(events, "external-task")).toEqual([]);
});
