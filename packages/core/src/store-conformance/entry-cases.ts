import assert from "node:assert/strict";
import {
  openWriter,
  sampleAnswer,
  sampleConnection,
  sampleEntry,
  samplePrompt,
  sampleSession,
  takeOver,
} from "./sample-records.ts";
import { assertRefused, type StoreConformanceCase, toCase } from "./store-conformance-case.ts";

/** The tree of entries, and what lies beside it. */
export const entryCases: readonly StoreConformanceCase[] = [
  toCase("entries come back in order and unchanged, and move the session's leaf and time", (store) => {
    const writer = openWriter(store, "s1");
    const odd = samplePrompt("s1", "e1", null, 'nul \0, quote ", smile \u{1f600}, line \u2028');
    const answer = sampleAnswer("s1", "e2", "e1", ["c1"]);
    const summary = sampleEntry("s1", "e3", "e2", { kind: "summary", text: "so far", keptFromId: "e2" });
    const outcome = { kind: "limit", limit: "loop-cap", message: "m" } as const;
    const end = sampleEntry("s1", "e4", "e3", { kind: "turn-end", outcome });
    for (const entry of [odd, answer, summary, end]) store.appendEntry(writer, entry);
    assert.deepEqual(store.readEntries("s1"), [odd, answer, summary, end]);
    assert.deepEqual(store.readEntry("e3"), summary);
    assert.equal(store.readEntry("e9"), null);
    assert.deepEqual(store.readEntries("s2"), []);
    assert.equal(store.readSession("s1")?.leafId, "e4");
    assert.equal(store.readSession("s1")?.updatedAtMs, 2000);
  }),

  toCase("an entry without its parent, its session or its own id is refused, and nothing of it stays", (store) => {
    const writer = openWriter(store, "s1");
    openWriter(store, "s7");
    store.appendEntry(writer, samplePrompt("s1", "e1", null));
    assertRefused("store_rejected", () => store.appendEntry(writer, samplePrompt("s1", "e9", "e8")));
    assertRefused("store_rejected", () => store.appendEntry(writer, samplePrompt("s1", "e1", null)));
    assertRefused("store_rejected", () => store.appendEntry(writer, samplePrompt("s7", "e5", null)));
    assert.deepEqual(store.readEntries("s1"), [samplePrompt("s1", "e1", null)]);
    assert.equal(store.readSession("s1")?.leafId, "e1");
  }),

  toCase("a call id is used once in a session, and an entry that repeats it is not stored", (store) => {
    const writer = openWriter(store, "s1");
    store.appendEntry(writer, sampleAnswer("s1", "e1", null, ["c1"]));
    store.writeDraft(writer, { turnId: "t1", text: "draft", thinking: "" });
    assertRefused("store_rejected", () => store.appendEntry(writer, sampleAnswer("s1", "e2", "e1", ["c2", "c1"])));
    assert.equal(store.readEntry("e2"), null);
    assert.equal(store.readSession("s1")?.leafId, "e1");
    assert.equal(store.readDraft("s1")?.text, "draft");
    assert.deepEqual(
      store.readCalls("s1").map(({ callId }) => callId),
      ["c1"],
    );
  }),

  toCase("going back is a move of the leaf: what is said then is another branch, and the old one stays", (store) => {
    const writer = openWriter(store, "s1");
    store.appendEntry(writer, samplePrompt("s1", "e1", null));
    store.appendEntry(writer, samplePrompt("s1", "e2", "e1"));
    store.changeSession(writer, { leafId: "e1" }, 3000);
    assert.equal(store.readSession("s1")?.leafId, "e1");
    store.appendEntry(writer, samplePrompt("s1", "e3", "e1"));
    assert.deepEqual(
      store.readEntries("s1").map(({ id, parentId }) => [id, parentId]),
      [
        ["e1", null],
        ["e2", "e1"],
        ["e3", "e1"],
      ],
    );
    store.changeSession(writer, { leafId: null }, 3001);
    assert.equal(store.readSession("s1")?.leafId, null);
    assertRefused("store_rejected", () => store.changeSession(writer, { leafId: "nowhere" }, 3002));
  }),

  toCase("a fork follows the entries of its parent up to where it began, and writes nothing there", (store) => {
    const source = openWriter(store, "s1");
    store.appendEntry(source, samplePrompt("s1", "e1", null));
    store.appendEntry(source, samplePrompt("s1", "e2", "e1"));
    const before = store.readSession("s1");
    const fork = openWriter(store, "s2", { parentId: "s1", leafId: "e1" });
    store.appendEntry(fork, samplePrompt("s2", "f1", "e1"));
    assert.equal(store.readEntry("f1")?.parentId, "e1");
    assert.deepEqual(
      store.readEntries("s2").map(({ id }) => id),
      ["f1"],
    );
    assert.deepEqual(store.readSession("s1"), before);
    store.changeSession(fork, { leafId: "e1" }, 3000);
    assertRefused("store_rejected", () => store.changeSession(fork, { leafId: "e2" }, 3000));
    assertRefused("store_rejected", () => store.appendEntry(fork, samplePrompt("s2", "f2", "e2")));
    const grandchild = openWriter(store, "s3", { parentId: "s2", leafId: "f1" });
    store.appendEntry(grandchild, samplePrompt("s3", "g1", "f1"));
    store.changeSession(grandchild, { leafId: "e1" }, 3000);
  }),

  toCase("no session begins at an entry that its parent does not have", (store) => {
    const other = openWriter(store, "s1");
    store.appendEntry(other, samplePrompt("s1", "e1", null));
    openWriter(store, "s2");
    assertRefused("store_rejected", () => store.createSession(sampleSession("s3", { parentId: "s2", leafId: "e1" })));
    assertRefused("store_rejected", () => store.createSession(sampleSession("s3", { leafId: "e1" })));
    assertRefused("store_rejected", () => store.appendEntry(takeOver(store, "s2"), samplePrompt("s2", "f1", "e1")));
    assert.equal(store.readSession("s3"), null);
  }),

  toCase("a draft is kept until the answer takes its place", (store) => {
    const writer = openWriter(store, "s1");
    store.appendEntry(writer, samplePrompt("s1", "e1", null));
    assert.equal(store.readDraft("s1"), null);
    store.writeDraft(writer, { turnId: "t1", text: "re", thinking: "" });
    store.writeDraft(writer, { turnId: "t1", text: "read", thinking: "h" });
    assert.deepEqual(store.readDraft("s1"), { turnId: "t1", text: "read", thinking: "h" });
    store.appendEntry(writer, sampleAnswer("s1", "e2", "e1", []));
    assert.equal(store.readDraft("s1"), null);
    store.writeDraft(writer, { turnId: "t1", text: "x", thinking: "" });
    store.writeDraft(writer, null);
    assert.equal(store.readDraft("s1"), null);
  }),

  toCase("a connection of each protocol comes back, in order", (store) => {
    const writer = openWriter(store, "s1");
    const protocols = ["http-connect", "http", "socks5", "host-port", "publish"] as const;
    const records = protocols.map((protocol, index) => ({ ...sampleConnection, protocol, callId: `c${index}` }));
    for (const record of records) store.recordConnection(writer, record, 3000);
    assert.deepEqual(store.listConnections("s1"), records);
    assert.equal(store.readSession("s1")?.updatedAtMs, 3000);
  }),

  toCase("owned files are replaced as a set", (store) => {
    const writer = openWriter(store, "s1");
    store.writeOwnedFiles(writer, ["/b", "/a", "/b"]);
    assert.deepEqual(store.readOwnedFiles("s1"), ["/a", "/b"]);
    store.writeOwnedFiles(writer, []);
    assert.deepEqual(store.readOwnedFiles("s1"), []);
  }),

  toCase("a value is what was written last under its name in its session", (store) => {
    const writer = openWriter(store, "s1");
    const other = openWriter(store, "s2");
    assert.equal(store.readValue("s1", "goal"), null);
    store.writeValue(writer, "goal", '{"n":1}');
    store.writeValue(writer, "goal", '{"n":2}');
    store.writeValue(other, "goal", "null");
    assert.equal(store.readValue("s1", "goal"), '{"n":2}');
    assert.equal(store.readValue("s2", "goal"), "null");
  }),

  toCase("a checklist is replaced whole, in its order", (store) => {
    const writer = openWriter(store, "s1");
    const first = { id: "1", text: "one", status: "in-progress", priority: "high" } as const;
    const second = { id: "2", text: "two", status: "pending", priority: "low" } as const;
    store.writeTasks(writer, [first, second], 3000);
    store.writeTasks(writer, [second, first], 3001);
    assert.deepEqual(store.readTasks("s1"), [second, first]);
    assert.equal(store.readSession("s1")?.updatedAtMs, 3001);
    store.writeTasks(writer, [], 3002);
    assert.deepEqual(store.readTasks("s1"), []);
    assert.deepEqual(store.readTasks("s2"), []);
  }),
];
