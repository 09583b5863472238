import assert from "node:assert/strict";
import type { SearchHit } from "../store/journal-store.ts";
import type { Store } from "../store/store.ts";
import { openWriter, projectRoot, sampleAnswer, samplePrompt, sampleResult } from "./sample-records.ts";
import { assertRefused, type StoreConformanceCase, toCase } from "./store-conformance-case.ts";

const search = (store: Store, query: string, sessionId: string | null = null): readonly SearchHit[] =>
  store.search(query, { projectRoot, sessionId, limit: 10 });

const ids = (hits: readonly SearchHit[]): string[] => hits.map(({ entryId, callId }) => callId ?? entryId).sort();

const memory = {
  id: "m1",
  projectRoot,
  text: "the build needs pnpm",
  importance: 0.5,
  kind: "semantic",
  tags: ["tooling"],
  createdAtMs: 1000,
  accessCount: 0,
  accessedAtMs: 1000,
} as const;

/** Finding by words. */
export const searchCases: readonly StoreConformanceCase[] = [
  toCase("every word has to occur, whatever its case and accents, in an entry or a result", (store) => {
    const writer = openWriter(store, "s1");
    store.appendEntry(writer, samplePrompt("s1", "e1", null, "The Café opens the parser"));
    store.appendEntry(writer, sampleAnswer("s1", "e2", "e1", ["c1", "c2", "c3"]));
    store.finishCall(writer, "c1", { ...sampleResult, text: "parser.ts:12 export function parse" }, 3000);
    store.finishCall(writer, "c2", { ...sampleResult, text: "a parsers guide" }, 3000);
    store.finishCall(writer, "c3", { ...sampleResult, outcome: "blocked", text: "parser forbidden" }, 3000);
    assert.deepEqual(ids(search(store, "parser")), ["c1", "e1"]);
    assert.deepEqual(ids(search(store, "PARSER cafe")), ["e1"]);
    assert.deepEqual(ids(search(store, "parser nowhere")), []);
    assert.deepEqual(ids(search(store, "parser.ts")), ["c1"]);
    assert.deepEqual(search(store, "export")[0], {
      sessionId: "s1",
      entryId: "e2",
      callId: "c1",
      excerpt: "parser.ts:12 export function parse",
    });
  }),

  toCase("nothing that is typed is an operator", (store) => {
    const writer = openWriter(store, "s1");
    store.appendEntry(writer, samplePrompt("s1", "e1", null, "near the end or not"));
    store.appendEntry(writer, samplePrompt("s1", "e2", "e1", "something else"));
    for (const query of ["near OR zebra", "end NOT zebra", "NEAR(end zebra)", "text:end zebra", "zeb*", '"zebra"']) {
      assert.deepEqual(ids(search(store, query)), []);
    }
    for (const query of ["end OR not", '"end"', "(end)", "end*", "^end", "-end", "'end", "end \0"]) {
      assert.deepEqual(ids(search(store, query)), ["e1"]);
    }
    for (const query of ["", " ", '"', "*", "()", "\0", "-", '""""']) assert.deepEqual(search(store, query), []);
  }),

  toCase("a search stays in its project, in its session when one is named, and within its limit", (store) => {
    store.appendEntry(openWriter(store, "s1"), samplePrompt("s1", "e1", null, "needle"));
    store.appendEntry(openWriter(store, "s2"), samplePrompt("s2", "e2", null, "needle"));
    const elsewhere = openWriter(store, "s3", { projectRoot: "/projects/two" });
    store.appendEntry(elsewhere, samplePrompt("s3", "e3", null, "needle"));
    assert.deepEqual(ids(search(store, "needle")), ["e1", "e2"]);
    assert.deepEqual(ids(search(store, "needle", "s2")), ["e2"]);
    assert.deepEqual(ids(search(store, "needle", "s3")), []);
    assert.equal(store.search("needle", { projectRoot, sessionId: null, limit: 1 }).length, 1);
    assert.equal(store.search("needle", { projectRoot, sessionId: null, limit: 0 }).length, 0);
  }),

  toCase("a fork is searched with what it inherited, and with nothing that came after it", (store) => {
    const source = openWriter(store, "s1");
    store.appendEntry(source, samplePrompt("s1", "e1", null, "needle before"));
    store.appendEntry(source, sampleAnswer("s1", "e2", "e1", ["c1"]));
    store.finishCall(source, "c1", { ...sampleResult, text: "needle in a result" }, 3000);
    const fork = openWriter(store, "s2", { parentId: "s1", leafId: "e2" });
    const empty = openWriter(store, "s3", { parentId: "s1" });
    store.appendEntry(source, samplePrompt("s1", "e3", "e2", "needle after"));
    store.appendEntry(fork, samplePrompt("s2", "f1", "e2", "needle of the fork"));
    assert.deepEqual(ids(search(store, "needle", "s2")), ["c1", "e1", "f1"]);
    assert.deepEqual(ids(search(store, "needle", empty.sessionId)), []);
    assert.deepEqual(ids(search(store, "needle", "s1")), ["c1", "e1", "e3"]);
    assert.deepEqual(ids(search(store, "needle")), ["c1", "e1", "e3", "f1"]);
    store.changeSession(fork, { leafId: "e1" }, 5000);
    assert.deepEqual(ids(search(store, "needle", "s2")), ["c1", "e1", "f1"]);
  }),

  toCase("the better match comes first", (store) => {
    const writer = openWriter(store, "s1");
    store.appendEntry(writer, samplePrompt("s1", "e1", null, `needle ${"hay ".repeat(500)}`));
    store.appendEntry(writer, samplePrompt("s1", "e2", "e1", "needle found"));
    store.appendEntry(writer, samplePrompt("s1", "e3", "e2", "something else"));
    assert.equal(search(store, "needle")[0]?.entryId, "e2");
  }),

  toCase("an excerpt is at most 300 characters around the match, and cuts no character in two", (store) => {
    const writer = openWriter(store, "s1");
    for (let shift = 0; shift < 4; shift += 1) {
      const hay = "x".repeat(shift) + "\u{1f600}".repeat(700);
      const parentId = shift === 0 ? null : `e${shift - 1}`;
      store.appendEntry(writer, samplePrompt("s1", `e${shift}`, parentId, `${hay} needle ${hay}`));
    }
    const hits = search(store, "needle");
    assert.equal(hits.length, 4);
    for (const { excerpt } of hits) {
      assert.ok(excerpt.length <= 300 && excerpt.includes("needle") && excerpt.isWellFormed());
    }
  }),

  toCase("a deleted session is found no more", (store) => {
    const writer = openWriter(store, "s1");
    store.appendEntry(writer, samplePrompt("s1", "e0", null, "straw"));
    store.appendEntry(writer, sampleAnswer("s1", "e1", "e0", ["c1"]));
    store.finishCall(writer, "c1", { ...sampleResult, text: "needle" }, 3000);
    store.deleteSession(writer);
    const next = openWriter(store, "s2");
    store.appendEntry(next, sampleAnswer("s2", "f1", null, ["d1"]));
    store.finishCall(next, "d1", { ...sampleResult, text: "hay" }, 3000);
    assert.deepEqual(search(store, "straw"), []);
    assert.deepEqual(search(store, "needle"), []);
    assert.deepEqual(ids(search(store, "reading")), ["f1"]);
    assert.deepEqual(ids(search(store, "hay")), ["d1"]);
  }),

  toCase("memories are kept whole, the newest first, and an id is used once", (store) => {
    const newer = { ...memory, id: "m2", createdAtMs: 2000, importance: 1, kind: "working", tags: [] } as const;
    store.addMemory(memory);
    store.addMemory(newer);
    store.addMemory({ ...memory, id: "m3", projectRoot: "/projects/two" });
    assert.deepEqual(store.listMemories(projectRoot), [newer, memory]);
    assertRefused("store_rejected", () => store.addMemory({ ...memory, text: "other" }));
    assertRefused("store_rejected", () => store.addMemory({ ...memory, id: "m4", importance: 1.5 }));
    store.touchMemory("m1", 5000);
    store.touchMemory("m1", 4000);
    store.touchMemory("nope", 4000);
    assert.deepEqual(store.listMemories(projectRoot)[1], { ...memory, accessCount: 2, accessedAtMs: 5000 });
    assert.equal(store.removeMemory("m1"), true);
    assert.equal(store.removeMemory("m1"), false);
    assert.deepEqual(store.listMemories(projectRoot), [newer]);
  }),

  toCase("a memory is found by any of the words in its text or tags", (store) => {
    store.addMemory(memory);
    store.addMemory({ ...memory, id: "m2", text: "tests run with vitest", tags: [] });
    store.addMemory({ ...memory, id: "m3", projectRoot: "/projects/two" });
    const find = (query: string): string[] => store.findMemories(projectRoot, query, 10).map(({ id }) => id);
    assert.deepEqual(find("PNPM"), ["m1"]);
    assert.deepEqual(find("tooling unheard"), ["m1"]);
    assert.deepEqual(find("pnpm vitest").sort(), ["m1", "m2"]);
    assert.deepEqual(find("unheard"), []);
    assert.deepEqual(find(" * "), []);
    store.removeMemory("m1");
    assert.deepEqual(find("pnpm"), []);
  }),
];
