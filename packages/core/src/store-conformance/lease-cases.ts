import assert from "node:assert/strict";
import type { SessionWriter } from "../store/session-record.ts";
import type { Store } from "../store/store.ts";
import {
  openWriter,
  sampleAnswer,
  sampleConnection,
  sampleOwner,
  samplePrompt,
  sampleResult,
  sampleSession,
  sampleUsage,
  takeOver,
} from "./sample-records.ts";
import { assertRefused, type StoreConformanceCase, toCase } from "./store-conformance-case.ts";

const sampleWait = {
  key: "s1/wait/1",
  turnId: "t1",
  callId: null,
  kind: "steps",
  payloadJson: "{}",
  deadlineMs: null,
  createdAtMs: 2000,
} as const;

const writes: Readonly<Record<string, (store: Store, writer: SessionWriter) => void>> = {
  changeSession: (store, writer) => store.changeSession(writer, { title: "t" }, 9000),
  deleteSession: (store, writer) => store.deleteSession(writer),
  renewLease: (store, writer) => store.renewLease(writer, 9000),
  appendEntry: (store, writer) => store.appendEntry(writer, samplePrompt("s1", "e3", "e2")),
  writeDraft: (store, writer) => store.writeDraft(writer, { turnId: "t1", text: "x", thinking: "" }),
  decideCall: (store, writer) => store.decideCall(writer, "c1", { kind: "run", reason: "r" }, 9000),
  startCall: (store, writer) => store.startCall(writer, "c1", 1, 9000),
  finishCall: (store, writer) => store.finishCall(writer, "c1", sampleResult, 9000),
  recordConnection: (store, writer) => store.recordConnection(writer, sampleConnection, 9000),
  writeOwnedFiles: (store, writer) => store.writeOwnedFiles(writer, ["/a"]),
  writeValue: (store, writer) => store.writeValue(writer, "goal", "{}"),
  openWait: (store, writer) => store.openWait(writer, { ...sampleWait, key: "s1/wait/2" }),
  closeWait: (store, writer) => store.closeWait(writer, sampleWait.key),
  writeLive: (store, writer) =>
    store.writeLive(
      writer,
      { firstSeq: 1, count: 1, eventsJson: "[{}]", createdAtMs: 9000 },
      { events: 10, sinceMs: 0 },
    ),
  writeBlob: (store, writer) => store.writeBlob(writer, Buffer.from("bytes")),
  recordUsage: (store, writer) => store.recordUsage(writer, sampleUsage({ createdAtMs: 9000 })),
  recordAudit: (store, writer) =>
    store.recordAudit(writer, { kind: "k", severity: "info", action: "noted", text: "t", createdAtMs: 9000 }),
  writeTasks: (store, writer) =>
    store.writeTasks(writer, [{ id: "1", text: "t", status: "pending", priority: "low" }], 9000),
};

/** Who may write to a session. */
export const leaseCases: readonly StoreConformanceCase[] = [
  toCase("a lease has one holder, passes on from the dead, and only its token gives it back", (store) => {
    store.createSession(sampleSession("s1"));
    const [first, second] = [sampleOwner("a"), sampleOwner("b")];
    assert.equal(store.readLease("s1"), null);
    assert.deepEqual(
      store.acquireLease("s1", first, () => true),
      { kind: "held", writer: { sessionId: "s1", fence: 1 } },
    );
    assert.deepEqual(
      store.acquireLease("s1", second, () => true),
      { kind: "busy", owner: first },
    );
    assert.equal(store.readSession("s1")?.fence, 1);
    assert.deepEqual(
      store.acquireLease("s1", second, () => false),
      { kind: "held", writer: { sessionId: "s1", fence: 2 } },
    );
    store.releaseLease("s1", "a");
    assert.deepEqual(store.readLease("s1"), second);
    store.releaseLease("s1", "b");
    assert.equal(store.readLease("s1"), null);
    assert.deepEqual(
      store.acquireLease("s1", first, () => true),
      { kind: "held", writer: { sessionId: "s1", fence: 3 } },
    );
    assert.equal(store.readSession("s1")?.fence, 3);
  }),

  toCase("a lease on a session that is not there is refused", (store) => {
    assertRefused("store_rejected", () => store.acquireLease("nope", sampleOwner("a"), () => false));
  }),

  toCase("renewing says when the owner was last there, and leaves the session's time alone", (store) => {
    const writer = openWriter(store, "s1");
    store.renewLease(writer, 9000);
    assert.equal(store.readLease("s1")?.renewedAtMs, 9000);
    assert.equal(store.readSession("s1")?.updatedAtMs, 1000);
    takeOver(store, "s1");
    assertRefused("lease_lost", () => store.renewLease(writer, 9001));
  }),

  ...Object.entries(writes).map(([name, write]) =>
    toCase(`after a later lease, ${name} is refused and changes nothing`, (store) => {
      const stale = openWriter(store, "s1");
      store.appendEntry(stale, samplePrompt("s1", "e1", null));
      store.appendEntry(stale, sampleAnswer("s1", "e2", "e1", ["c1"]));
      store.openWait(stale, sampleWait);
      const fresh = takeOver(store, "s1");
      const before = toPicture(store);
      assertRefused("lease_lost", () => write(store, stale));
      assert.deepEqual(toPicture(store), before);
      write(store, fresh);
    }),
  ),
];

/** Everything that can be read of the session. */
function toPicture(store: Store): unknown {
  return [
    store.readSession("s1"),
    store.readLease("s1"),
    store.readEntries("s1"),
    store.readDraft("s1"),
    store.readCalls("s1"),
    store.listConnections("s1"),
    store.readOwnedFiles("s1"),
    store.readValue("s1", "goal"),
    store.listWaits("s1", { state: "all", nowMs: 0 }),
    store.readLive("s1", 0),
    store.collectBlobs(),
    store.listUsage("s1"),
    store.listAudit("s1"),
    store.readTasks("s1"),
  ];
}
