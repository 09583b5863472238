import assert from "node:assert/strict";
import type { WaitRecord } from "../store/wait-store.ts";
import { openWriter, samplePrompt, takeOver } from "./sample-records.ts";
import { assertRefused, type StoreConformanceCase, toCase } from "./store-conformance-case.ts";

const question = {
  key: "s1/wait/1",
  turnId: "t1",
  callId: "c1",
  kind: "approval",
  payloadJson: '{"subject":"ls"}',
  deadlineMs: 5000,
  createdAtMs: 2000,
} as const;

const opened: WaitRecord = { ...question, sessionId: "s1", answerJson: null, answeredBy: null, state: "open" };

const input = { id: "i1", sessionId: "s1", text: "and the tests", boundary: "this-turn", createdAtMs: 2000 } as const;

/** What comes to a session from outside: answers, and things said to it. */
export const outsideCases: readonly StoreConformanceCase[] = [
  toCase("the first answer wins", (store) => {
    store.openWait(openWriter(store, "s1"), question);
    assert.deepEqual(store.readWait(question.key), opened);
    assert.equal(store.answerWait(question.key, { json: '"yes"', by: "terminal", nowMs: 3000 }), true);
    assert.equal(store.answerWait(question.key, { json: '"no"', by: "other", nowMs: 3001 }), false);
    assert.deepEqual(store.readWait(question.key), {
      ...opened,
      answerJson: '"yes"',
      answeredBy: "terminal",
      state: "answered",
    });
  }),

  toCase("an answer that is too late, or to nothing, is none", (store) => {
    const writer = openWriter(store, "s1");
    store.openWait(writer, question);
    store.openWait(writer, { ...question, key: "s1/wait/2", deadlineMs: null });
    assert.equal(store.answerWait("s1/wait/9", { json: "1", by: "x", nowMs: 1 }), false);
    assert.equal(store.answerWait(question.key, { json: "1", by: "x", nowMs: 5000 }), false);
    assert.equal(store.readWait(question.key)?.state, "open");
    assert.equal(store.answerWait(question.key, { json: "1", by: "x", nowMs: 4999 }), true);
    assert.equal(store.answerWait("s1/wait/2", { json: "1", by: "x", nowMs: 9_999_999 }), true);
  }),

  toCase("a question asked again is the same one, unless it was closed", (store) => {
    const writer = openWriter(store, "s1");
    store.openWait(writer, question);
    store.openWait(writer, { ...question, payloadJson: '"other"' });
    assert.deepEqual(store.readWait(question.key), opened);
    store.closeWait(writer, question.key);
    assert.equal(store.readWait(question.key)?.state, "closed");
    assert.equal(store.answerWait(question.key, { json: "1", by: "x", nowMs: 1 }), false);
    store.openWait(writer, { ...question, payloadJson: '"again"', createdAtMs: 4000 });
    assert.deepEqual(store.readWait(question.key), { ...opened, payloadJson: '"again"', createdAtMs: 4000 });
    store.answerWait(question.key, { json: "1", by: "x", nowMs: 1 });
    store.openWait(writer, question);
    store.closeWait(writer, question.key);
    assert.equal(store.readWait(question.key)?.state, "answered");
    assert.equal(store.readWait(question.key)?.answerJson, "1");
  }),

  toCase("an answer outlives the process that asked", (store) => {
    store.openWait(openWriter(store, "s1"), question);
    store.answerWait(question.key, { json: "1", by: "x", nowMs: 3000 });
    store.openWait(takeOver(store, "s1"), question);
    assert.equal(store.readWait(question.key)?.answerJson, "1");
  }),

  toCase("a session neither takes over nor closes another one's question", (store) => {
    const writer = openWriter(store, "s1");
    store.openWait(writer, question);
    const other = openWriter(store, "s2");
    assertRefused("store_rejected", () => store.openWait(other, question));
    store.closeWait(other, question.key);
    assert.deepEqual(store.readWait(question.key), opened);
    store.closeWait(writer, question.key);
    assertRefused("store_rejected", () => store.openWait(other, question));
  }),

  toCase("questions are listed the oldest first, and as open only while they can be answered", (store) => {
    const writer = openWriter(store, "s1");
    store.openWait(writer, { ...question, key: "b", createdAtMs: 2001, deadlineMs: null });
    store.openWait(writer, { ...question, key: "a", createdAtMs: 2000 });
    store.openWait(writer, { ...question, key: "c", createdAtMs: 2002 });
    store.closeWait(writer, "c");
    const list = (state: "open" | "all", nowMs: number): string[] =>
      store.listWaits("s1", { state, nowMs }).map(({ key }) => key);
    assert.deepEqual(list("all", 3000), ["a", "b", "c"]);
    assert.deepEqual(list("open", 3000), ["a", "b"]);
    assert.deepEqual(list("open", 5000), ["b"]);
    assert.deepEqual(store.listWaits("s2", { state: "all", nowMs: 0 }), []);
  }),

  toCase("an input sent again is known, and with another text refused", (store) => {
    openWriter(store, "s1");
    openWriter(store, "s2");
    assert.equal(store.addInput(input), "added");
    assert.equal(store.addInput({ ...input, createdAtMs: 9000 }), "known");
    assertRefused("store_rejected", () => store.addInput({ ...input, text: "something else" }));
    assert.equal(store.addInput({ ...input, sessionId: "s2", text: "something else" }), "added");
    assertRefused("store_rejected", () => store.addInput({ ...input, sessionId: "nope" }));
    assert.deepEqual(store.listInputs("s1"), [{ ...input, state: "waiting", entryId: null }]);
  }),

  toCase("an input is accepted exactly once, together with the entry that it becomes", (store) => {
    const writer = openWriter(store, "s1");
    store.addInput(input);
    store.appendEntry(writer, samplePrompt("s1", "e1", null), { acceptsInput: "i1" });
    assert.deepEqual(store.listInputs("s1"), [{ ...input, state: "accepted", entryId: "e1" }]);
    assert.deepEqual(store.waitingInputs("s1"), []);
    assertRefused("store_rejected", () =>
      store.appendEntry(writer, samplePrompt("s1", "e2", "e1"), { acceptsInput: "i1" }),
    );
    assertRefused("store_rejected", () =>
      store.appendEntry(writer, samplePrompt("s1", "e2", "e1"), { acceptsInput: "i9" }),
    );
    assert.equal(store.readEntry("e2"), null);
    assert.equal(store.readSession("s1")?.leafId, "e1");
    assert.equal(store.withdrawInput("s1", "i1"), false);
    assert.equal(store.addInput(input), "known");
  }),

  toCase("an entry that is refused leaves its input waiting", (store) => {
    const writer = openWriter(store, "s1");
    store.addInput(input);
    assertRefused("store_rejected", () =>
      store.appendEntry(writer, samplePrompt("s1", "e2", "nowhere"), { acceptsInput: "i1" }),
    );
    assert.equal(store.listInputs("s1")[0]?.state, "waiting");
  }),

  toCase("inputs wait in the order they came, and one that is withdrawn is not taken", (store) => {
    const writer = openWriter(store, "s1");
    for (const id of ["b", "a", "c"]) store.addInput({ ...input, id });
    assert.equal(store.withdrawInput("s1", "a"), true);
    assert.equal(store.withdrawInput("s1", "a"), false);
    assert.equal(store.withdrawInput("s2", "b"), false);
    const ids = store.waitingInputs("s1").map(({ id }) => id);
    assert.deepEqual(ids, ["b", "c"]);
    assertRefused("store_rejected", () =>
      store.appendEntry(writer, samplePrompt("s1", "e1", null), { acceptsInput: "a" }),
    );
  }),
];
