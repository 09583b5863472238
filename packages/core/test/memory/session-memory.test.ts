import { expect, test } from "vitest";
import { CoreError } from "../../src/errors.ts";
import { createMemoryContextProvider } from "../../src/memory/memory-context-provider.ts";
import { SessionMemory, type SessionMemoryOptions } from "../../src/memory/session-memory.ts";
import type { ContextQuery } from "../../src/prompt/context-provider.ts";
import type { MemoryItemStore } from "../../src/store/memory-item-store.ts";
import { createMemoryStore } from "../../src/store/memory-store.ts";

const dayMs = 86_400_000;

/** A memory whose clock is set by hand; ids count up. */
function open(options: Partial<SessionMemoryOptions> = {}) {
  const clock = { nowMs: 1000 * dayMs };
  const warnings: string[] = [];
  const store = options.store ?? createMemoryStore();
  let count = 0;
  const memory = new SessionMemory({
    store,
    projectRoot: "/p",
    now: () => clock.nowMs,
    id: () => {
      count += 1;
      return `m${count.toString().padStart(5, "0")}`;
    },
    onUnavailable: (reason) => warnings.push(reason),
    ...options,
  });
  return { memory, clock, warnings, store };
}

test("an item has its text, importance, kind and tags, and counts its uses", () => {
  const { memory, store, clock } = open();
  memory.remember({ text: "  Tests run with make.  ", tags: ["Build", "build ", ""] });
  clock.nowMs += 5;
  memory.recall({ text: "how do the TESTS run?" });
  expect(store.listMemories("/p")).toEqual([
    {
      id: "m00001",
      projectRoot: "/p",
      text: "Tests run with make.",
      importance: 0.5,
      kind: "semantic",
      tags: ["build"],
      createdAtMs: clock.nowMs - 5,
      accessCount: 1,
      accessedAtMs: clock.nowMs,
    },
  ]);
});

test.each([
  [undefined, 0.5],
  [Number.NaN, 0.5],
  [-3, 0],
  [7, 1],
  [Number.POSITIVE_INFINITY, 1],
  [0.25, 0.25],
])("an importance of %s is kept as %s", (importance, kept) => {
  expect(open().memory.remember({ text: "a", importance }).importance).toBe(kept);
});

test("a text without content is refused, and nothing is kept", () => {
  const { memory } = open();
  expect(() => memory.remember({ text: " \n" })).toThrow(expect.objectContaining({ code: "bad_option" }));
  expect(memory.stats()).toEqual({ longTerm: 0, shortTerm: 0, working: 0 });
});

test("the same text is kept once", () => {
  const { memory } = open();
  const first = memory.remember({ text: "Tests run with make." });
  expect(memory.remember({ text: "Tests run with make. ", importance: 1 }).id).toBe(first.id);
  expect(memory.stats().longTerm).toBe(1);
});

test("recall is by text and by tags, of this project alone, the most worth knowing first", () => {
  const store = createMemoryStore();
  const { memory, clock } = open({ store });
  open({ store, projectRoot: "/other", id: () => "foreign" }).memory.remember({
    text: "make it elsewhere",
    importance: 1,
  });
  memory.remember({ text: "make builds all", importance: 0.9, tags: ["build", "make"] });
  memory.remember({ text: "never make a release on Friday", importance: 0.3, tags: ["release"] });
  clock.nowMs += dayMs;
  memory.remember({ text: "make test runs the tests", importance: 0.9, tags: ["test", "make"] });
  const texts = (query: Parameters<SessionMemory["recall"]>[0]): readonly string[] =>
    memory.recall(query).map(({ text }) => text);
  expect(texts({ text: "make" })).toEqual([
    "make test runs the tests",
    "make builds all",
    "never make a release on Friday",
  ]);
  expect(texts({ tags: ["Make"] })).toEqual(["make test runs the tests", "make builds all"]);
  expect(texts({ text: "builds release", tags: ["release"] })).toEqual(["never make a release on Friday"]);
  expect(texts({ text: "make", limit: 1 })).toEqual(["make test runs the tests"]);
  expect(texts({ text: "nothing of the kind" })).toEqual([]);
  expect(texts({ tags: ["build", "release"] })).toEqual([]);
});

test("each tier has its limit: the lowest rank, the oldest and the least relevant go", () => {
  const { memory, clock } = open();
  memory.remember({ text: "worth little", importance: 0 });
  memory.remember({ text: "worth much", importance: 1 });
  for (let index = 0; index < 1999; index += 1) {
    clock.nowMs += 1000;
    memory.remember({ text: `fact ${index}`, importance: 0.5 });
  }
  expect(memory.stats()).toEqual({ longTerm: 2000, shortTerm: 100, working: 0 });
  expect(memory.recall({ text: "worth" }).map(({ text }) => text)).toEqual(["worth much"]);
  expect(memory.shortTerm()[0]?.text).toBe("fact 1998");

  memory.remember({ text: "step 0", importance: 0.1, kind: "working" });
  for (let index = 1; index <= 10; index += 1) {
    memory.remember({ text: `step ${index}`, importance: 0.5 + index / 100, kind: "working" });
  }
  expect(memory.stats()).toEqual({ longTerm: 2000, shortTerm: 100, working: 10 });
  expect(memory.working().map(({ text }) => text)).not.toContain("step 0");
  expect(memory.working()[0]?.text).toBe("step 10");
});

test("what a session works with is never stored", () => {
  const { memory, store } = open();
  const item = memory.remember({ text: "the third file is open", kind: "working" });
  expect(store.listMemories("/p")).toEqual([]);
  expect(memory.forget(item.id)).toBe(true);
  expect(memory.working()).toEqual([]);
});

test("a memory is forgotten once, and not one of another project", () => {
  const store = createMemoryStore();
  const foreign = open({ store, projectRoot: "/other", id: () => "foreign" }).memory.remember({ text: "a" });
  const { memory } = open({ store });
  const { id } = memory.remember({ text: "a" });
  expect([memory.forget(id), memory.forget(id), memory.forget(foreign.id)]).toEqual([true, false, false]);
  expect(memory.stats()).toEqual({ longTerm: 0, shortTerm: 0, working: 0 });
});

test("success and failure become short notes, tagged, never the whole of what was said", () => {
  const { memory } = open();
  const long = `${"Fix the build ".repeat(50)}\nand do not tell anyone about line two`;
  const success = memory.recordSuccess({
    prompt: long,
    lesson: "The linker flag was wrong.\n\nDetails: …",
    tags: ["build"],
  });
  expect(success).toMatchObject({ importance: 0.8, kind: "procedural", tags: ["success", "build"] });
  expect(success.text.length).toBeLessThanOrEqual(300);
  expect(success.text).toContain("Result: The linker flag was wrong.");
  expect(success.text).not.toContain("line two");
  const failure = memory.recordFailure({ prompt: "Fix it", lesson: "" });
  expect(failure).toMatchObject({ text: "Failed: Fix it", importance: 0.9, kind: "episodic", tags: ["failure"] });
  expect(memory.recall({ tags: ["failure"] })).toHaveLength(1);
});

test("secrets are taken out before anything is kept", () => {
  const { memory, store } = open({ redact: (text) => text.replaceAll("hunter2", "[secret]") });
  memory.remember({ text: "the password is hunter2" });
  expect(store.listMemories("/p").map(({ text }) => text)).toEqual(["the password is [secret]"]);
});

test("when the store fails, memory works on with what the session knows, after one warning", () => {
  const inner = createMemoryStore();
  let isBroken = false;
  const store: MemoryItemStore = {
    ...inner,
    addMemory: (item) => {
      if (isBroken) throw new CoreError("store_failed", "disk is gone");
      inner.addMemory(item);
    },
    listMemories: (projectRoot) => {
      if (isBroken) throw new CoreError("store_failed", "disk is gone");
      return inner.listMemories(projectRoot);
    },
  };
  const { memory, warnings } = open({ store });
  memory.remember({ text: "before" });
  isBroken = true;
  memory.remember({ text: "after" });
  memory.remember({ text: "later" });
  expect(
    memory
      .recall({})
      .map(({ text }) => text)
      .sort(),
  ).toEqual(["after", "before", "later"]);
  expect(memory.stats().longTerm).toBe(3);
  expect(warnings).toEqual(["disk is gone"]);
  expect(inner.findMemories("/p", "before after later", 10)).toHaveLength(1);
});

test("when the store works again it is given what it has missed, once", () => {
  const inner = createMemoryStore();
  let isBroken = false;
  const failing =
    <A extends readonly unknown[], T>(act: (...given: A) => T) =>
    (...given: A): T => {
      if (isBroken) throw new CoreError("store_failed", "disk is full");
      return act(...given);
    };
  const store: MemoryItemStore = {
    addMemory: failing(inner.addMemory),
    listMemories: failing(inner.listMemories),
    findMemories: failing(inner.findMemories),
    touchMemory: failing(inner.touchMemory),
    removeMemory: failing(inner.removeMemory),
  };
  const { memory, warnings } = open({ store });
  inner.addMemory({ ...memory.remember({ text: "known" }), id: "older", text: "of an earlier session" });
  const dropped = memory.remember({ text: "dropped" });
  isBroken = true;
  memory.remember({ text: "meanwhile" });
  memory.remember({ text: "of an earlier session" });
  memory.remember({ text: "known" });
  memory.forget(dropped.id);
  expect(inner.listMemories("/p")).toHaveLength(3);
  isBroken = false;
  expect(memory.stats().longTerm).toBe(3);
  const kept = inner.listMemories("/p").map(({ text, accessCount }) => [text, accessCount]);
  expect(kept.sort()).toEqual([
    ["known", 1],
    ["meanwhile", 0],
    ["of an earlier session", 0],
  ]);
  isBroken = true;
  memory.remember({ text: "again" });
  isBroken = false;
  memory.recall({});
  expect(inner.findMemories("/p", "again", 10)).toHaveLength(1);
  expect(warnings).toEqual(["disk is full"]);
});

test("what the store rejects is thrown, and the store stays in use", () => {
  const { memory, warnings, store } = open({ id: () => "same" });
  memory.remember({ text: "a" });
  expect(() => memory.remember({ text: "b" })).toThrow(expect.objectContaining({ code: "store_rejected" }));
  expect(warnings).toEqual([]);
  expect(store.listMemories("/p")).toHaveLength(1);
});

test("as a context provider, memory gives what it works with and what fits, and notes what was done", async () => {
  const { memory, store } = open();
  memory.remember({ text: "working on the parser", kind: "working" });
  memory.remember({ text: "the parser has a grammar in docs" });
  memory.remember({ text: "something else" });
  const provider = createMemoryContextProvider(memory);
  const query: ContextQuery = {
    text: "fix the parser",
    types: ["memory"],
    depth: "overview",
    maxItems: 10,
    maxTokens: 4000,
    sessionId: "s",
    signal: new AbortController().signal,
  };
  expect(await provider.query(query)).toEqual([
    { type: "memory", source: "working memory of 1972-09-27", text: "working on the parser" },
    { type: "memory", source: "semantic memory of 1972-09-27", text: "the parser has a grammar in docs" },
  ]);
  expect(await provider.query({ ...query, maxItems: 1 })).toHaveLength(1);
  expect(await provider.query({ ...query, types: ["skill"] })).toEqual([]);
  await provider.afterTurn?.(
    { sessionId: "s", turnId: "t", prompt: "Fix the parser", answer: "Fixed.\nIn detail: …" },
    query,
  );
  expect(store.listMemories("/p").some(({ text }) => text === "Done: Fix the parser. Result: Fixed.")).toBe(true);
});
