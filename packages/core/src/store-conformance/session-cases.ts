import assert from "node:assert/strict";
import { openWriter, projectRoot, samplePrompt, sampleSession, sampleUsage } from "./sample-records.ts";
import { assertRefused, type StoreConformanceCase, toCase } from "./store-conformance-case.ts";

/** Which sessions there are, and what is known of them. */
export const sessionCases: readonly StoreConformanceCase[] = [
  toCase("a session is read as it was created, and an unknown one is null", (store) => {
    store.createSession(sampleSession("s1"));
    assert.deepEqual(store.readSession("s1"), sampleSession("s1"));
    assert.equal(store.readSession("s2"), null);
  }),

  toCase("an id is used once", (store) => {
    store.createSession(sampleSession("s1"));
    assertRefused("store_rejected", () => store.createSession(sampleSession("s1")));
  }),

  toCase("no session is created in an unknown state", (store) => {
    assertRefused("store_rejected", () => store.createSession(sampleSession("s1", { state: "unknown" })));
    assert.equal(store.readSession("s1"), null);
  }),

  toCase("a change leaves absent fields alone, and time never goes backwards", (store) => {
    const writer = openWriter(store, "s1");
    store.changeSession(writer, { title: "hello", mode: "plan" }, 5000);
    store.changeSession(writer, { turnCount: 7 }, 4000);
    assert.deepEqual(
      store.readSession("s1"),
      sampleSession("s1", { title: "hello", mode: "plan", turnCount: 7, updatedAtMs: 5000, fence: 1 }),
    );
  }),

  toCase("changing a session that is not there fails", (store) => {
    assertRefused("store_rejected", () => store.changeSession({ sessionId: "nope", fence: 0 }, {}, 1));
  }),

  toCase("a reason belongs to the state error, and goes with it", (store) => {
    const writer = openWriter(store, "s1");
    const stateReason = { code: "auth", text: "the key was refused" };
    store.changeSession(writer, { state: "error", stateReason }, 2000);
    assert.deepEqual(store.readSession("s1")?.stateReason, stateReason);
    store.changeSession(writer, { title: "t" }, 2001);
    assert.equal(store.readSession("s1")?.state, "error");
    assert.deepEqual(store.readSession("s1")?.stateReason, stateReason);
    for (const state of ["active", "paused", "completed"] as const) {
      store.changeSession(writer, { state }, 2002);
      assert.equal(store.readSession("s1")?.state, state);
      assert.equal(store.readSession("s1")?.stateReason, null);
    }
  }),

  toCase("lists hold sessions with a prompt, of one project or of all, the latest first", (store) => {
    store.createSession(sampleSession("old", { updatedAtMs: 1 }));
    store.createSession(sampleSession("new", { updatedAtMs: 9 }));
    store.createSession(sampleSession("other", { updatedAtMs: 5, projectRoot: "/projects/two" }));
    store.createSession(sampleSession("empty", { updatedAtMs: 99, turnCount: 0 }));
    assert.deepEqual(toIds(store.listSessions(projectRoot)), ["new", "old"]);
    assert.deepEqual(toIds(store.listSessions(null)), ["new", "other", "old"]);
    assert.equal(store.latestSession(projectRoot)?.id, "new");
    assert.equal(store.latestSession("/projects/none"), null);
  }),

  toCase("a list has at most 100 sessions", (store) => {
    for (let index = 0; index < 105; index += 1) {
      store.createSession(sampleSession(`s${index}`, { updatedAtMs: index }));
    }
    assert.equal(store.listSessions(projectRoot).length, 100);
    assert.equal(store.listSessions(projectRoot)[0]?.id, "s104");
  }),

  toCase("a prefix finds its one session, and a whole id its own", (store) => {
    for (const id of ["abc-1", "abc-2", "abd-1", "x", "x-1"]) store.createSession(sampleSession(id));
    assert.equal(store.findSession("abc-1").id, "abc-1");
    assert.equal(store.findSession("abd").id, "abd-1");
    assert.equal(store.findSession("x").id, "x");
  }),

  toCase("a prefix of none or several sessions is refused, and no character in it is special", (store) => {
    for (const id of ["abc-1", "abc-2", "abd-1"]) store.createSession(sampleSession(id));
    assertRefused("session_ambiguous", () => store.findSession("abc"));
    for (const prefix of ["zz", "", "%", "ABC-1", "abc-1%"]) {
      assertRefused("session_not_found", () => store.findSession(prefix));
    }
  }),

  toCase("a parent has its children, the oldest first, and a root has no parent", (store) => {
    store.createSession(sampleSession("root"));
    store.createSession(sampleSession("second", { parentId: "root", createdAtMs: 3000 }));
    store.createSession(sampleSession("first", { parentId: "root", createdAtMs: 2000 }));
    assert.deepEqual(toIds(store.listChildren("root")), ["first", "second"]);
    assert.deepEqual(store.listChildren("first"), []);
    assert.equal(store.readSession("first")?.parentId, "root");
    assertRefused("store_rejected", () => store.createSession(sampleSession("lost", { parentId: "nobody" })));
  }),

  toCase("a deleted session is gone for every reader, and its id is never free again", (store) => {
    const writer = openWriter(store, "s1", { title: "secret plan" });
    store.appendEntry(writer, samplePrompt("s1", "e1", null));
    store.addInput({ id: "i1", sessionId: "s1", text: "x", boundary: "next-turn", createdAtMs: 1 });
    store.writeValue(writer, "goal", "{}");
    store.deleteSession(writer);
    assert.equal(store.readSession("s1"), null);
    assert.deepEqual(store.listSessions(null), []);
    assert.equal(store.readEntry("e1"), null);
    assert.deepEqual(store.readEntries("s1"), []);
    assert.deepEqual(store.listInputs("s1"), []);
    assert.equal(store.readValue("s1", "goal"), null);
    assert.equal(store.readLease("s1"), null);
    assertRefused("session_not_found", () => store.findSession("s1"));
    assertRefused("store_rejected", () => store.createSession(sampleSession("s1")));
    assertRefused("store_rejected", () => store.acquireLease("s1", lateOwner, () => false));
    assertRefused("store_rejected", () => store.writeValue(writer, "goal", "{}"));
    assertRefused("store_rejected", () => store.createSession(sampleSession("s2", { parentId: "s1" })));
  }),

  toCase("what a deleted session has spent stays in the sums", (store) => {
    const writer = openWriter(store, "s1");
    store.recordUsage(writer, sampleUsage({ costMicros: 300 }));
    store.recordUsage(openWriter(store, "s2"), sampleUsage({ costMicros: 20 }));
    store.deleteSession(writer);
    const all = { sessionId: null };
    assert.deepEqual(
      [store.sumUsage("model", all), store.sumUsage("day", all)].map(([group]) => group?.costMicros),
      [320, 320],
    );
  }),

  toCase("a session with children is not deleted before them", (store) => {
    const parent = openWriter(store, "parent");
    const child = openWriter(store, "child", { parentId: "parent" });
    assertRefused("store_rejected", () => store.deleteSession(parent));
    assert.equal(store.readSession("parent")?.id, "parent");
    store.deleteSession(child);
    store.deleteSession(parent);
    assert.equal(store.readSession("parent"), null);
  }),

  toCase("a closed store refuses to work, and closing it twice is harmless", (store) => {
    store.createSession(sampleSession("s1"));
    assert.equal(store.checkHealth(), null);
    store.close();
    store.close();
    assert.throws(() => store.readSession("s1"));
    assert.throws(() => store.readSetting("x"));
    assert.notEqual(store.checkHealth(), null);
  }),
];

const lateOwner = { token: "late", pid: 2, startMarker: "", place: "", renewedAtMs: 0 };

const toIds = (records: readonly { readonly id: string }[]): string[] => records.map(({ id }) => id);
