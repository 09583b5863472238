import { afterEach, beforeEach, expect, test } from "vitest";
import { CoreError } from "../../src/errors.ts";
import type { Store } from "../../src/store/store.ts";
import { findGrammarFault } from "../fakes/event-grammar.ts";
import { createProbeTool } from "../fakes/probe-tool.ts";
import { collect, only, Workbench } from "../fakes/workbench.ts";

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => bench[Symbol.asyncDispose]());

const tools = [createProbeTool({ effect: "local-mutation" })];
const call = { text: "look", calls: [{ name: "Probe", input: { value: "x" } }] };

/** The real store; while `state.isBroken`, nothing can be written, or nothing at all. */
function createFailingStore(
  store: Store,
  what: "writes" | "everything",
): { store: Store; state: { isBroken: boolean } } {
  const state = { isBroken: false };
  const failing = new Proxy(store, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== "function") return member;
      const isRead = /^(read|list|find|search|waiting|change)/.test(String(name)) && name !== "changeSession";
      return (...values: unknown[]): unknown => {
        if (state.isBroken && (what === "everything" || !isRead)) throw new CoreError("store_failed", "no space left");
        return member.apply(target, values);
      };
    },
  });
  return { store: failing, state };
}

const texts = (store: Store, id: string): readonly string[] =>
  store.readEntries(id).map(({ content }) => ("text" in content ? content.text : content.kind));

test.each(["writes", "everything"] as const)(
  "with a store of which %s fail, a turn gives its answer and one warning; what is missing is written in order later",
  async (what) => {
    const { store, state } = createFailingStore(bench.store, what);
    const { session } = await bench.open([call, { text: "done" }, { text: "later" }], { store, tools });
    session.subscribe(({ type }) => {
      if (type === "turn-start") state.isBroken = true;
    });
    const events = await collect(session, "go");
    expect(findGrammarFault(events)).toBeNull();
    expect(events.at(-1)).toMatchObject({ outcome: { kind: "complete", text: "done" } });
    expect(only(events, "warning").map(({ code }) => code)).toEqual(["persistence_failed"]);
    expect(only(events, "tool-call-end")).toMatchObject([{ outcome: "ok" }]);
    expect(bench.store.readEntries(session.id)).toEqual([]);
    // Things that a person does meanwhile work as far as they can, and break nothing.
    expect(session.send({ type: "steer", inputId: "i1", text: "also", boundary: "next-turn" })).toBe(true);
    expect(session.send({ type: "set-mode", mode: "safe" })).toBe(true);
    expect(session.waitingInputs()).toMatchObject([{ id: "i1" }]);

    const again = await collect(session, "more");
    expect(only(again, "warning").map(({ code }) => code)).toEqual(["persistence_failed"]);
    state.isBroken = false;
    session.send({ type: "set-mode", mode: "plan" });
    expect(texts(bench.store, session.id)).toEqual(["go", "look", "done", "turn-end", "more", "later", "turn-end"]);
    const entries = bench.store.readEntries(session.id);
    expect(entries.map(({ parentId }) => parentId)).toEqual([null, ...entries.slice(0, -1).map(({ id }) => id)]);
    expect(bench.store.readCalls(session.id)).toMatchObject([{ state: "finished", result: { outcome: "ok" } }]);
    expect(bench.store.readSession(session.id)).toMatchObject({ turnCount: 2, title: "go", mode: "plan" });
    expect(bench.store.listUsage(session.id)).toHaveLength(3);
  },
);

test("a question can be asked and answered here while the store fails", async () => {
  const { store, state } = createFailingStore(bench.store, "everything");
  const { session } = await bench.open([call, { text: "done" }], { store, tools, mode: "safe" });
  session.subscribe((event) => {
    if (event.type === "step-start") state.isBroken = true;
    if (event.type !== "approval-request") return;
    queueMicrotask(() => session.send({ type: "approve", requestId: event.requestId, scope: "always" }));
  });
  const events = await collect(session, "go", { signal: AbortSignal.timeout(5000) });
  expect(only(events, "tool-call-end")).toMatchObject([{ outcome: "ok" }]);
  expect(events.at(-1)).toMatchObject({ outcome: { kind: "complete" } });
  state.isBroken = false;
});

test("a store that refuses to be written to from the start opens no session, and says so", async () => {
  const { store, state } = createFailingStore(bench.store, "writes");
  state.isBroken = true;
  await expect(bench.open([], { store })).rejects.toMatchObject({ code: "store_failed" });
  expect(bench.store.listSessions(null)).toEqual([]);
});
