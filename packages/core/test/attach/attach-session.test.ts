import fc from "fast-check";
import { expect, test } from "vitest";
import { toCursorText } from "../../src/attach/attach-cursor.ts";
import type { AttachItem, AttachState } from "../../src/attach/attach-item.ts";
import { createMemoryStore } from "../../src/store/memory-store.ts";
import { FakeOwner } from "./fake-owner.ts";
import { Observer } from "./observer.ts";

/** Items without their cursors and states in short, to be compared whole. */
const toShort = (items: readonly AttachItem[]): readonly unknown[] =>
  items.map((item) => {
    if (item.kind === "state") return { state: toTexts(item) };
    if (item.kind === "event") return "text" in item.event ? item.event.text : item.event.type;
    return item;
  });

const toTexts = ({ entries, draft }: AttachState): readonly string[] =>
  [...entries.map(({ content }) => ("text" in content ? content.text : "")), draft?.text ?? ""].filter(Boolean);

test("first comes what is settled with the draft of an answer, then what is told from there on", async () => {
  const store = createMemoryStore();
  using owner = new FakeOwner(store);
  owner.prompt("go");
  owner.say("one ");
  owner.saveDraft();
  owner.say("two ");
  owner.ask("steps_1");
  await using observer = new Observer(store);
  const [state, ...events] = await observer.news();
  expect(state).toMatchObject({
    kind: "state",
    session: { id: "session-1" },
    entries: [{ content: { text: "go" } }],
    draft: { text: "one " },
    openWaits: [{ key: "session-1/wait/steps_1" }],
  });
  expect(toShort(events)).toEqual(["two ", "loop-cap-reached"]);

  owner.say("three");
  owner.elapse();
  expect(toShort(await observer.news())).toEqual(["three"]);
});

test("a session that has said nothing yet is a state without entries", async () => {
  const store = createMemoryStore();
  using owner = new FakeOwner(store);
  await using observer = new Observer(store);
  expect(toShort(await observer.news())).toEqual([{ state: [] }]);
  owner.prompt("go");
  expect(toShort(await observer.news())).toEqual(["turn-start"]);
});

test("a state waits for the live log to tell what the journal has already", async () => {
  const store = createMemoryStore();
  using owner = new FakeOwner(store);
  owner.prompt("go");
  owner.elapse();
  owner.say("answer");
  owner.finish();
  // The log catches up while the state is being read. The text is in the state, so it may not be told again.
  await using observer = new Observer(store, { elapse: () => owner.elapse() });
  expect(toShort(await observer.news())).toEqual([{ state: ["go", "answer"] }]);
});

test("what a draft has already is not told again, although the log does not know of the draft yet", async () => {
  const store = createMemoryStore();
  using owner = new FakeOwner(store);
  owner.prompt("go");
  owner.say("one ");
  owner.elapse();
  owner.saveDraft();
  await using observer = new Observer(store, { elapse: () => owner.elapse() });
  expect(toShort(await observer.news())).toEqual([{ state: ["go", "one "] }]);
  owner.say("two");
  expect(toShort(await observer.news())).toEqual(["two"]);
});

test("a cursor goes on where it was, in the middle of an answer too", async () => {
  const store = createMemoryStore();
  using owner = new FakeOwner(store);
  let cursor: string | undefined;
  {
    await using observer = new Observer(store);
    owner.prompt("go");
    owner.say("one ");
    owner.elapse();
    await observer.news();
    cursor = observer.cursor;
  }
  owner.say("two ");
  owner.elapse();
  owner.finish();
  await using again = new Observer(store, { cursor });
  expect(toShort(await again.news())).toEqual(["two "]);
});

test("who comes back too late is told how much was missed, and gets a state", async () => {
  const store = createMemoryStore();
  using owner = new FakeOwner(store);
  let cursor: string | undefined;
  {
    await using observer = new Observer(store);
    owner.prompt("go");
    await observer.news();
    cursor = observer.cursor;
  }
  for (let step = 1; step <= 3000; step += 1) {
    owner.tell({ type: "step-start", step });
    owner.elapse();
  }
  owner.say("end");
  owner.finish();
  owner.ask("steps_1");
  await using again = new Observer(store, { cursor });
  // 2 more events came after the 3000; the last 2048 are kept.
  expect(toShort(await again.news())).toEqual([
    { kind: "gap", missed: 954 },
    { state: ["go", "end"] },
    "loop-cap-reached",
  ]);
});

test("that the owner is gone is told once, after its last event; a new owner brings a new state", async () => {
  const store = createMemoryStore();
  const owner = new FakeOwner(store);
  owner.prompt("go");
  await using observer = new Observer(store);
  await observer.news();
  owner.say("last words");
  owner.leave();
  expect(toShort(await observer.news())).toEqual(["last words", { kind: "owner-gone" }]);
  expect(await observer.news()).toEqual([]);

  using next = new FakeOwner(store);
  next.prompt("again");
  expect(toShort(await observer.news())).toEqual([{ state: ["go", "again"] }]);
  next.leave();
  expect(toShort(await observer.news())).toEqual([{ kind: "owner-gone" }]);
});

test("an owner that was killed is gone, although its lease is there", async () => {
  const store = createMemoryStore();
  using owner = new FakeOwner(store);
  owner.prompt("go");
  let isAlive = true;
  await using observer = new Observer(store, { isAlive: () => isAlive });
  expect(toShort(await observer.news())).toEqual([{ state: ["go"] }]);
  isAlive = false;
  expect(toShort(await observer.news())).toEqual([{ kind: "owner-gone" }]);
});

test("what a killed owner told and did not settle is not told again by the next one", async () => {
  const store = createMemoryStore();
  using killed = new FakeOwner(store);
  killed.prompt("go");
  await using observer = new Observer(store);
  await observer.news();
  killed.say("lost");
  killed.elapse();
  expect(toShort(await observer.news())).toEqual(["lost"]);
  using _next = new FakeOwner(store);
  expect(toShort(await observer.news())).toEqual([{ state: ["go"] }]);
});

test("an event that this version does not know is left out", async () => {
  const store = createMemoryStore();
  using owner = new FakeOwner(store);
  await using observer = new Observer(store);
  await observer.news();
  owner.tell(JSON.parse('{"type":"of-a-later-version"}'));
  owner.prompt("go");
  expect(toShort(await observer.news())).toEqual(["turn-start"]);
});

test.each([
  ["malformed", "koda1.!"],
  ["of another session", toCursorText({ sessionId: "session-2", fence: 1, seq: 1 })],
  ["of an event that was never told", toCursorText({ sessionId: "session-1", fence: 1, seq: 2 })],
  ["of an owner that never was", toCursorText({ sessionId: "session-1", fence: 2, seq: 1 })],
  ["of an earlier owner than told the event", toCursorText({ sessionId: "session-1", fence: 0, seq: 1 })],
])("a cursor that is %s is refused", async (_what, cursor) => {
  const store = createMemoryStore();
  using owner = new FakeOwner(store);
  owner.prompt("go");
  await using observer = new Observer(store, { cursor });
  await expect(observer.news()).rejects.toMatchObject({ code: "bad_cursor" });
});

test("a session that is not there is refused; an abort ends with its reason", async () => {
  const store = createMemoryStore();
  await using nobody = new Observer(store, { sessionId: "session-9" });
  await expect(nobody.news()).rejects.toMatchObject({ code: "session_not_found" });
  using _owner = new FakeOwner(store);
  const reason = new Error("enough");
  await using aborted = new Observer(store, { signal: AbortSignal.abort(reason) });
  await expect(aborted.news()).rejects.toBe(reason);
});

test.each([0, -1, Number.NaN])("asking every %s ms is refused", async (pollMs) => {
  const store = createMemoryStore();
  using _owner = new FakeOwner(store);
  await using observer = new Observer(store, { pollMs });
  await expect(observer.news()).rejects.toMatchObject({ code: "bad_option" });
});

const acts = ["say", "draft", "finish", "elapse", "attach", "reattach", "prompt", "take-over"] as const;

test("whatever the owner does and whenever one looks on: state and events together are all that was said, once", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...acts), { minLength: 3, maxLength: 30 }), async (script) => {
      const store = createMemoryStore();
      let owner = new FakeOwner(store);
      let said = "";
      let observer: Observer | null = null;
      let seen = "";
      const look = async (): Promise<void> => {
        for (const item of (await observer?.news()) ?? []) {
          if (item.kind === "state") seen = toTexts(item).join("");
          if (item.kind === "event" && item.event.type === "text-delta") seen += item.event.text;
          if (item.kind === "event" && item.event.type === "turn-start") seen += item.event.prompt;
        }
      };
      const settle = (): void => {
        owner.finish();
        owner.elapse();
      };
      for (const [index, act] of script.entries()) {
        const text = `${index},`;
        if (act === "say" || act === "prompt") said += text;
        if (act === "say") owner.say(text);
        if (act === "prompt") {
          owner.finish();
          owner.prompt(text);
        }
        if (act === "draft") owner.saveDraft();
        if (act === "finish") owner.finish();
        if (act === "elapse") owner.elapse();
        if (act === "take-over") {
          settle();
          owner.leave();
          owner = new FakeOwner(store);
        }
        if (act === "attach") {
          await observer?.[Symbol.asyncDispose]();
          observer = new Observer(store, { elapse: () => owner.elapse() });
          await look();
        }
        if (act === "reattach" && observer !== null) {
          await look();
          const { cursor } = observer;
          await observer[Symbol.asyncDispose]();
          observer = new Observer(store, { cursor, elapse: () => owner.elapse() });
          await look();
        }
      }
      settle();
      observer ??= new Observer(store, { elapse: () => owner.elapse() });
      await look();
      owner.leave();
      await observer[Symbol.asyncDispose]();
      expect(seen).toBe(said);
    }),
    { numRuns: 150 },
  );
});
