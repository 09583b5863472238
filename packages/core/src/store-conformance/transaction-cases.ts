import assert from "node:assert/strict";
import { openWriter, projectRoot, sampleAnswer, samplePrompt, sampleResult, sampleUsage } from "./sample-records.ts";
import { assertRefused, type StoreConformanceCase, toCase } from "./store-conformance-case.ts";

/** Several writes as one. */
export const transactionCases: readonly StoreConformanceCase[] = [
  toCase("writes together happen, and give the answer of what was done", (store) => {
    const writer = openWriter(store, "s1");
    const answer = store.together(() => {
      store.appendEntry(writer, samplePrompt("s1", "e1", null));
      store.recordUsage(writer, sampleUsage());
      return store.readEntries("s1").length;
    });
    assert.equal(answer, 1);
    assert.equal(store.readUsage("s1").requests, 1);
  }),

  toCase("of writes together none happens when one is refused, or anything else goes wrong", (store) => {
    const writer = openWriter(store, "s1");
    store.appendEntry(writer, sampleAnswer("s1", "e1", null, ["c1"]));
    store.writeDraft(writer, { turnId: "t1", text: "half", thinking: "" });
    const write = (): void => {
      store.appendEntry(writer, sampleAnswer("s1", "e2", "e1", ["c2"]));
      store.finishCall(writer, "c1", sampleResult, 9000);
      store.addInput({ id: "i1", sessionId: "s1", text: "x", boundary: "next-turn", createdAtMs: 9000 });
      store.openWait(writer, {
        key: "k",
        turnId: "t1",
        callId: null,
        kind: "question",
        payloadJson: "{}",
        deadlineMs: null,
        createdAtMs: 9000,
      });
      store.writeBlob(writer, Buffer.from("blob"));
      store.recordUsage(writer, sampleUsage());
      store.writeSetting("model", "other");
      store.addHostRule(projectRoot, { verdict: "allow", pattern: "a.com" }, 1);
      store.changeSession(writer, { title: "t" }, 9000);
    };
    const before = store.readSession("s1");
    const ownError = new Error("of the caller");
    assertRefused("store_rejected", () =>
      store.together(() => {
        write();
        store.appendEntry(writer, samplePrompt("s1", "e3", "nowhere"));
      }),
    );
    assert.throws(
      () =>
        store.together(() => {
          write();
          throw ownError;
        }),
      (error) => error === ownError,
    );
    assert.deepEqual(store.readSession("s1"), before);
    assert.deepEqual(
      store.readEntries("s1").map(({ id }) => id),
      ["e1"],
    );
    assert.deepEqual(
      store.readCalls("s1").map(({ callId, state }) => [callId, state]),
      [["c1", "requested"]],
    );
    assert.equal(store.readDraft("s1")?.text, "half");
    assert.deepEqual(store.listInputs("s1"), []);
    assert.equal(store.readWait("k"), null);
    assert.equal(store.collectBlobs(), 0);
    assert.equal(store.readUsage("s1").requests, 0);
    assert.equal(store.readSetting("model"), null);
    assert.deepEqual(store.listHostRules(projectRoot), []);
    assert.deepEqual(store.search("reading", { projectRoot, sessionId: null, limit: 9 }).length, 1);
    store.together(write);
    assert.equal(store.readSession("s1")?.leafId, "e2");
  }),

  toCase("a deletion that is taken back leaves everything as it was", (store) => {
    const writer = openWriter(store, "s1", { title: "t" });
    store.appendEntry(writer, samplePrompt("s1", "e1", null));
    store.appendEntry(writer, sampleAnswer("s1", "e2", "e1", ["c1"]));
    const hash = store.writeBlob(writer, Buffer.from("blob"));
    const picture = (): unknown => [
      store.readSession("s1"),
      store.readLease("s1"),
      store.readEntries("s1"),
      store.readCalls("s1"),
      store.readBlob("s1", hash)?.length,
      store.search("reading", { projectRoot, sessionId: null, limit: 9 }),
    ];
    const before = picture();
    assert.throws(() =>
      store.together(() => {
        store.deleteSession(writer);
        store.collectBlobs();
        throw new Error("changed my mind");
      }),
    );
    assert.deepEqual(picture(), before);
  }),

  toCase("within writes together, one that is refused and caught leaves nothing of itself", (store) => {
    const writer = openWriter(store, "s1");
    store.together(() => {
      store.appendEntry(writer, sampleAnswer("s1", "e1", null, ["c1"]));
      assertRefused("store_rejected", () => store.appendEntry(writer, sampleAnswer("s1", "e2", "e1", ["c2", "c1"])));
    });
    assert.deepEqual(
      store.readEntries("s1").map(({ id }) => id),
      ["e1"],
    );
    assert.equal(store.readSession("s1")?.leafId, "e1");
    assert.equal(store.readCalls("s1").length, 1);
  }),
];
