import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createRemoteControl, type RemoteControl } from "../../src/attach/remote-control.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import { findGrammarFault } from "../fakes/event-grammar.ts";
import { createProbeTool } from "../fakes/probe-tool.ts";
import { collect, gather, only, Workbench } from "../fakes/workbench.ts";
import { HoldingOwner } from "./holding-owner.ts";

let bench: Workbench;
let elsewhere: Store;
let control: RemoteControl;
beforeEach(() => {
  bench = new Workbench();
  elsewhere = openSqliteStore(bench.databasePath);
  control = createRemoteControl(elsewhere, { by: "another", now: () => Date.now(), id: () => "id", redact: String });
});
afterEach(async () => {
  elsewhere.close();
  await bench[Symbol.asyncDispose]();
});

const requestId = "ask_call_1_1_0";
const drop = { calls: [{ name: "Drop", input: { value: "x" } }] };
const ran: string[] = [];
const tools = [
  createProbeTool({
    name: "Drop",
    effect: "destructive",
    execute: ({ value }) => {
      ran.push(value);
      return { text: "dropped", isError: false };
    },
  }),
];
beforeEach(() => {
  ran.length = 0;
});

test("another process answers the question of a living one, which goes on by it", async () => {
  await using owner = new HoldingOwner(bench, "go");
  const id = await owner.readId();
  expect(await owner.readEvent("approval-request")).toMatchObject({ requestId });
  expect(bench.store.listWaits(id, { state: "open", nowMs: Date.now() })).toMatchObject([{ kind: "approval" }]);
  expect(control.send(id, { type: "approve", requestId, scope: "once" })).toBe(true);
  expect(await owner.readEvent("approval-end")).toMatchObject({ outcome: "approved" });
  expect(await owner.readEvent("turn-end")).toMatchObject({ outcome: { kind: "complete", text: "done" } });
  expect(control.send(id, { type: "reject", requestId })).toBe(false);
});

test("the first of two answers counts, whoever gives it, and the other is told that it came too late", async () => {
  const { session } = await bench.open([drop, { text: "ok" }], { tools });
  const answers: boolean[] = [];
  const events = await collect(session, "go", {
    onEvent: ({ type }) => {
      if (type !== "approval-request") return;
      answers.push(control.send(session.id, { type: "reject", requestId }));
      answers.push(session.send({ type: "approve", requestId, scope: "once" }));
    },
  });
  expect(answers).toEqual([true, false]);
  expect(only(events, "approval-end")).toMatchObject([{ outcome: "rejected" }]);
  expect(only(events, "tool-call-end")).toMatchObject([{ outcome: "rejected" }]);
  expect(ran).toEqual([]);
});

test("a question that nobody answers in time is a no that says so, and a later yes has no effect", async () => {
  const { session, provider } = await bench.open([drop, { text: "ok" }], { tools, answerWithinMs: 30 });
  const events = await collect(session, "go");
  expect(findGrammarFault(events)).toBeNull();
  expect(only(events, "approval-end")).toMatchObject([{ outcome: "rejected" }]);
  expect(provider.requests[1]?.messages.at(-1)?.text).toMatch(/Automatically rejected.*0\.03 s/);
  expect(session.send({ type: "approve", requestId, scope: "once" })).toBe(false);
  expect(control.send(session.id, { type: "approve", requestId, scope: "once" })).toBe(false);
  expect(ran).toEqual([]);
});

test("at the very deadline a call runs if, and only if, the answer was told that it counts", async () => {
  for (const afterMs of [17, 18, 19, 20, 21, 22, 23]) {
    const { session } = await bench.open([drop, { text: "ok" }], { tools, answerWithinMs: 20 });
    ran.length = 0;
    let counts = false;
    let answered: Promise<void> = Promise.resolve();
    session.subscribe(({ type }) => {
      if (type !== "approval-request") return;
      const { promise, resolve } = Promise.withResolvers<void>();
      answered = promise;
      setTimeout(() => {
        counts = control.send(session.id, { type: "approve", requestId, scope: "once" });
        resolve();
      }, afterMs);
    });
    const events = await collect(session, "go");
    await answered;
    expect(ran).toEqual(counts ? ["x"] : []);
    expect(only(events, "approval-end")).toMatchObject([{ outcome: counts ? "approved" : "rejected" }]);
  }
});

test("what another process always allows is so after a restart", async () => {
  const change = { calls: [{ name: "Probe", input: { value: "x" } }] };
  const options = { tools: [createProbeTool({ effect: "local-mutation" })], mode: "safe" } as const;
  const { session } = await bench.open([change, { text: "ok" }], options);
  const first = await collect(session, "go", {
    onEvent: ({ type }) => {
      if (type === "approval-request") control.send(session.id, { type: "approve", requestId, scope: "always" });
    },
  });
  expect(only(first, "tool-call-end")).toMatchObject([{ outcome: "ok" }]);
  await session[Symbol.asyncDispose]();
  const again = await bench.open([change, { text: "ok" }], options);
  const second = await collect(again.session, "go");
  expect(only(second, "approval-request")).toEqual([]);
  expect(only(second, "tool-call-end")).toMatchObject([{ outcome: "ok" }]);
});

test("a question whose time ran out while its process was dead is asked again, and can be answered", async () => {
  await using owner = new HoldingOwner(bench, "go");
  const id = await owner.readId();
  await owner.readEvent("approval-request");
  await owner.kill();
  // The question as an owner with a limit would have left it.
  const key = `${id}/wait/${requestId}`;
  const wait = bench.store.readWait(key);
  expect(wait).toMatchObject({ state: "open" });
  const { session } = await bench.open([{ text: "done" }], {
    resume: id,
    tools: [createProbeTool({ effect: "destructive" })],
    answerWithinMs: 60_000,
  });
  const database = new Database(bench.databasePath);
  database.prepare("UPDATE waits SET deadline = 1 WHERE key = ?").run(key);
  database.close();
  expect(control.send(id, { type: "approve", requestId, scope: "once" })).toBe(false);
  const sent: boolean[] = [];
  const events = await gather(session.continueTurn(), (event) => {
    if (event.type === "approval-request") sent.push(session.send({ type: "approve", requestId, scope: "once" }));
    // Where it cannot be answered, the test must not wait for the whole minute.
    if (sent.at(-1) === false) session.send({ type: "cancel" });
  });
  expect(sent).toEqual([true]);
  expect(only(events, "tool-call-end")).toMatchObject([{ outcome: "ok" }]);
});

test("an answer that is no answer is a no", async () => {
  const { session } = await bench.open([drop, { text: "ok" }], { tools });
  const events = await collect(session, "go", {
    onEvent: ({ type }) => {
      if (type !== "approval-request") return;
      const json = '{"type":"approve","requestId":1}';
      elsewhere.answerWait(`${session.id}/wait/${requestId}`, { json, by: "someone", nowMs: Date.now() });
    },
  });
  expect(only(events, "approval-end")).toMatchObject([{ outcome: "rejected" }]);
  expect(ran).toEqual([]);
});
