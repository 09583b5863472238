import { expect, test } from "vitest";
import type { EngineEvent } from "../../src/events/engine-event.ts";
import { toLeaseOwner } from "../../src/session/process-identity.ts";
import { findGrammarFault } from "../fakes/event-grammar.ts";
import { createProbeTool } from "../fakes/probe-tool.ts";
import { collect, only, Workbench } from "../fakes/workbench.ts";
import { HoldingOwner } from "./holding-owner.ts";

test("a session that another process has open is busy, names it, and stays as it was; its death frees it at once", async () => {
  await using bench = new Workbench();
  await using owner = new HoldingOwner(bench);
  const resume = await owner.readId();
  const before = bench.store.readSession(resume);
  await expect(bench.open([], { resume, mode: "safe" })).rejects.toMatchObject({
    code: "session_busy",
    message: expect.stringContaining(String(owner.pid)),
  });
  expect(bench.store.readSession(resume)).toEqual(before);
  expect(bench.store.readLease(resume)).toMatchObject({ pid: owner.pid });

  await owner.kill();
  const { session } = await bench.open([{ text: "ok" }], { resume });
  expect((await collect(session, "go")).at(-1)).toMatchObject({ outcome: { kind: "complete" } });
});

test.each([
  [29_000, "session_busy"],
  [31_000, null],
])("an owner in another place that has been silent for %i ms: %s", async (silentMs, code) => {
  await using bench = new Workbench();
  const { session } = await bench.open([]);
  await session[Symbol.asyncDispose]();
  const owner = { ...toLeaseOwner("elsewhere", Date.now() - silentMs), place: "another boot", pid: process.pid };
  bench.store.acquireLease(session.id, owner, () => true);
  const opened = bench.open([], { resume: session.id });
  if (code === null) await expect(opened).resolves.toBeDefined();
  else await expect(opened).rejects.toMatchObject({ code });
});

/** Another writer takes the session, whoever had it. */
const takeOver = (bench: Workbench, sessionId: string): void => {
  bench.store.acquireLease(sessionId, toLeaseOwner("another", Date.now()), () => false);
};

test("the turn of an owner who has lost the session ends by that, and nothing more of it is stored", async () => {
  await using bench = new Workbench();
  const { session, provider } = await bench.open(
    [{ text: "one", calls: [{ name: "Probe", input: { value: "x" } }] }, { text: "two" }],
    { tools: [createProbeTool({})], hasMemory: true },
  );
  const heard: EngineEvent[] = [];
  session.subscribe((event) => {
    heard.push(event);
    if (event.type === "step-start") takeOver(bench, session.id);
  });
  const events = await collect(session, "go");
  expect(findGrammarFault(events)).toBeNull();
  expect(events.at(-1)).toMatchObject({ outcome: { kind: "error", code: "lease_lost" } });
  expect(only(events, "warning").map(({ code }) => code)).toEqual(["persistence_failed"]);
  expect(provider.requests.length).toBeLessThanOrEqual(1);
  expect(bench.store.readEntries(session.id).map(({ content }) => content.kind)).toEqual(["user"]);
  expect(bench.store.readDraft(session.id)).toBeNull();
  expect(bench.store.listUsage(session.id)).toEqual([]);
  expect(bench.store.listMemories(bench.projectRoot)).toEqual([]);
});

test("a call that is approved when the session is lost does not run here: it is the new owner's to run", async () => {
  await using bench = new Workbench();
  let runs = 0;
  const tools = [
    createProbeTool({
      effect: "destructive",
      execute: () => {
        runs += 1;
        return { text: "ran", isError: false };
      },
    }),
  ];
  const { session } = await bench.open([{ calls: [{ name: "Probe", input: { value: "x" } }] }], { tools });
  session.subscribe((event) => {
    if (event.type === "approval-end") takeOver(bench, session.id);
    if (event.type !== "approval-request") return;
    queueMicrotask(() => session.send({ type: "approve", requestId: event.requestId, scope: "once" }));
  });
  const events = await collect(session, "go");
  expect(events.at(-1)).toMatchObject({ outcome: { kind: "error", code: "lease_lost" } });
  expect(runs).toBe(0);
});

test("an owner who has lost the session begins no other turn, and cannot free or end the new one's", async () => {
  await using bench = new Workbench();
  const { session, provider } = await bench.open([{ text: "one" }, { text: "two" }]);
  takeOver(bench, session.id);
  const before = bench.store.readSession(session.id);
  const events: EngineEvent[] = [];
  const run = async (): Promise<void> => {
    for await (const event of session.runTurn("go")) events.push(event);
  };
  await run().catch((error: unknown) => expect(error).toMatchObject({ code: "lease_lost" }));
  expect(events.at(-1) ?? { outcome: { code: "lease_lost" } }).toMatchObject({ outcome: { code: "lease_lost" } });
  expect(provider.requests).toEqual([]);
  await expect(collect(session, "again")).rejects.toMatchObject({ code: "lease_lost" });
  expect(provider.requests).toEqual([]);
  expect(bench.store.readEntries(session.id)).toEqual([]);
  expect(bench.store.readSession(session.id)).toEqual(before);
  await session[Symbol.asyncDispose]();
  expect(bench.store.readLease(session.id)).toMatchObject({ token: "another" });
});
