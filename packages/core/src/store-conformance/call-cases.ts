import assert from "node:assert/strict";
import { openWriter, sampleAnswer, sampleResult } from "./sample-records.ts";
import { assertRefused, type StoreConformanceCase, toCase } from "./store-conformance-case.ts";

const decision = { kind: "run", reason: "read-only" } as const;

/** The journal of tool calls. */
export const callCases: readonly StoreConformanceCase[] = [
  toCase("a call is journaled from requested to finished, and its first result stands", (store) => {
    const writer = openWriter(store, "s1");
    store.appendEntry(writer, sampleAnswer("s1", "e1", null, ["c1", "c2"]));
    const fresh = { entryId: "e1", name: "Read", state: "requested", decision: null, attempts: 0, result: null };
    assert.deepEqual(store.readCalls("s1"), [
      { ...fresh, callId: "c1" },
      { ...fresh, callId: "c2" },
    ]);
    store.decideCall(writer, "c1", decision, 3000);
    assert.deepEqual(store.readCalls("s1")[0], { ...fresh, callId: "c1", state: "decided", decision });
    store.startCall(writer, "c1", 1, 3001);
    store.startCall(writer, "c1", 2, 3002);
    assert.deepEqual(store.readCalls("s1")[0], { ...fresh, callId: "c1", state: "started", decision, attempts: 2 });
    store.finishCall(writer, "c1", sampleResult, 3003);
    store.finishCall(writer, "c1", { ...sampleResult, text: "again" }, 3004);
    store.startCall(writer, "c1", 3, 3005);
    store.decideCall(writer, "c1", { kind: "block", reason: "late" }, 3006);
    assert.deepEqual(store.readCalls("s1")[0], {
      ...fresh,
      callId: "c1",
      state: "finished",
      decision,
      attempts: 2,
      result: sampleResult,
    });
    assert.equal(store.readCalls("s1")[1]?.state, "requested");
  }),

  toCase("a call that has started is not decided again", (store) => {
    const writer = openWriter(store, "s1");
    store.appendEntry(writer, sampleAnswer("s1", "e1", null, ["c1"]));
    store.startCall(writer, "c1", 1, 3000);
    store.decideCall(writer, "c1", decision, 3001);
    assert.equal(store.readCalls("s1")[0]?.state, "started");
    assert.equal(store.readCalls("s1")[0]?.decision, null);
  }),

  toCase("where a result comes from, and where its whole text is, come back", (store) => {
    const writer = openWriter(store, "s1");
    const origins = ["koda", "workspace", "command", "external"] as const;
    store.appendEntry(writer, sampleAnswer("s1", "e1", null, origins));
    const hash = store.writeBlob(writer, Buffer.from("the whole text"));
    for (const origin of origins) {
      store.finishCall(writer, origin, { ...sampleResult, origin, fullTextHash: hash }, 3000);
    }
    assert.deepEqual(
      store.readCalls("s1").map(({ result }) => [result?.origin, result?.fullTextHash]),
      origins.map((origin) => [origin, hash]),
    );
  }),

  toCase("the calls of one entry are its own, in the order they were asked for", (store) => {
    const writer = openWriter(store, "s1");
    store.appendEntry(writer, sampleAnswer("s1", "e1", null, ["c2", "c1"]));
    store.appendEntry(writer, sampleAnswer("s1", "e2", "e1", ["c3"]));
    assert.deepEqual(
      store.readCallsOf("e1").map(({ callId }) => callId),
      ["c2", "c1"],
    );
    assert.deepEqual(
      store.readCallsOf("e2").map(({ callId }) => callId),
      ["c3"],
    );
    assert.deepEqual(store.readCallsOf("e9"), []);
  }),

  toCase("a call that nobody asked for is refused, and another session's calls are out of reach", (store) => {
    const writer = openWriter(store, "s1");
    store.appendEntry(writer, sampleAnswer("s1", "e1", null, ["c1"]));
    const other = openWriter(store, "s2");
    assertRefused("store_rejected", () => store.decideCall(writer, "c9", decision, 3000));
    assertRefused("store_rejected", () => store.startCall(other, "c1", 1, 3000));
    assertRefused("store_rejected", () => store.finishCall(other, "c1", sampleResult, 3000));
    assert.equal(store.readCalls("s1")[0]?.state, "requested");
  }),

  toCase("tools are counted by name, and refused calls apart", (store) => {
    const writer = openWriter(store, "s1");
    store.appendEntry(writer, sampleAnswer("s1", "e1", null, ["c1", "c2", "c3", "c4", "c5", "c6"]));
    store.finishCall(writer, "c1", { ...sampleResult, durationMs: 10 }, 3000);
    store.finishCall(writer, "c2", { ...sampleResult, outcome: "error", durationMs: 30 }, 3001);
    store.finishCall(writer, "c3", { ...sampleResult, outcome: "cancelled", durationMs: 2 }, 3002);
    store.finishCall(writer, "c4", { ...sampleResult, outcome: "blocked", durationMs: 0 }, 3003);
    store.finishCall(writer, "c5", { ...sampleResult, outcome: "rejected", durationMs: 0 }, 3004);
    assert.deepEqual(store.readToolMetrics("s1"), [
      { name: "Read", calls: 5, ok: 1, failed: 2, refused: 2, totalMs: 42, minMs: 2, maxMs: 30, lastAtMs: 3004 },
    ]);
    const refusedOnly = openWriter(store, "s2");
    store.appendEntry(refusedOnly, sampleAnswer("s2", "f1", null, ["d1"]));
    store.finishCall(refusedOnly, "d1", { ...sampleResult, outcome: "blocked" }, 3005);
    assert.deepEqual(store.readToolMetrics("s2"), [
      { name: "Read", calls: 1, ok: 0, failed: 0, refused: 1, totalMs: 0, minMs: null, maxMs: null, lastAtMs: 3005 },
    ]);
    assert.deepEqual(store.readToolMetrics("s3"), []);
  }),
];
