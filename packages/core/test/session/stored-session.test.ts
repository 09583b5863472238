import { expect, test } from "vitest";
import {
  pauseStoredSession,
  resumeStoredSession,
  rewindStoredSession,
  type StoredSessionOptions,
} from "../../src/session/change-stored-session.ts";
import { listPrompts } from "../../src/session/list-prompts.ts";
import { collect, Workbench } from "../fakes/workbench.ts";
import { HoldingOwner } from "./holding-owner.ts";

const optionsOf = (sessionId: string): StoredSessionOptions => ({
  sessionId,
  id: () => crypto.randomUUID(),
  nowMs: Date.now(),
});

/** A session that was closed after these prompts. */
async function past(bench: Workbench, ...prompts: readonly string[]): Promise<string> {
  const { session } = await bench.open(prompts.map((prompt) => ({ text: `answer to ${prompt}` })));
  for (const prompt of prompts) await collect(session, prompt);
  await session[Symbol.asyncDispose]();
  return session.id;
}

const promptsOf = (bench: Workbench, id: string): readonly string[] => {
  const record = bench.store.readSession(id);
  return record === null ? [] : listPrompts(bench.store, record).map(({ text }) => text);
};

test("a session that nobody has open is paused and resumed; doing it again changes nothing", async () => {
  await using bench = new Workbench();
  const id = await past(bench, "one");
  for (let round = 0; round < 2; round += 1) {
    expect(pauseStoredSession(bench.store, optionsOf(id)).state).toBe("paused");
  }
  const { session } = await bench.open([], { resume: id });
  await expect(collect(session, "two")).rejects.toMatchObject({ code: "session_paused" });
  await session[Symbol.asyncDispose]();
  for (let round = 0; round < 2; round += 1) {
    expect(resumeStoredSession(bench.store, optionsOf(id)).state).toBe("active");
  }
  expect(bench.store.readLease(id)).toBeNull();
});

test("a failed session is no session to pause, and is taken up again by resuming it", async () => {
  await using bench = new Workbench();
  const { session } = await bench.open([]);
  session.fail({ code: "broken", text: "it broke" });
  await session[Symbol.asyncDispose]();
  expect(() => pauseStoredSession(bench.store, optionsOf(session.id))).toThrow(/it broke/);
  expect(resumeStoredSession(bench.store, optionsOf(session.id))).toMatchObject({ state: "active", stateReason: null });
});

test("a rewound session goes on from there, and what came after stays on record", async () => {
  await using bench = new Workbench();
  const id = await past(bench, "one", "two", "three");
  const record = bench.store.readSession(id);
  const second = record === null ? undefined : listPrompts(bench.store, record)[1];
  const before = bench.store.readEntries(id);
  rewindStoredSession(bench.store, { ...optionsOf(id), entryId: second?.beforeId ?? null });
  expect(promptsOf(bench, id)).toEqual(["one"]);
  expect(bench.store.readEntries(id).slice(0, before.length)).toEqual(before);
  const { session, provider } = await bench.open([{ text: "other" }], { resume: id });
  await collect(session, "another two");
  expect(provider.requests[0]?.messages.map(({ text }) => text)).toEqual(["one", "answer to one", "another two"]);
});

test("before the first prompt there is nothing; the middle of a turn is its end", async () => {
  await using bench = new Workbench();
  const id = await past(bench, "one", "two");
  const [first] = bench.store.readEntries(id);
  rewindStoredSession(bench.store, { ...optionsOf(id), entryId: first?.id ?? "" });
  const { session } = await bench.open([], { resume: id });
  expect(session.unfinishedTurn).toBeNull();
  await session[Symbol.asyncDispose]();
  expect(rewindStoredSession(bench.store, { ...optionsOf(id), entryId: null }).leafId).toBeNull();
  expect(promptsOf(bench, id)).toEqual([]);
});

test("an entry that is not on the path is refused, and nothing is changed", async () => {
  await using bench = new Workbench();
  const id = await past(bench, "one");
  const other = await past(bench, "elsewhere");
  const before = bench.store.readSession(id);
  const entryId = bench.store.readSession(other)?.leafId ?? "";
  expect(() => rewindStoredSession(bench.store, { ...optionsOf(id), entryId })).toThrow(
    expect.objectContaining({ code: "store_rejected" }),
  );
  expect(bench.store.readSession(id)).toEqual(before);
  expect(bench.store.readLease(id)).toBeNull();
});

test("a session that another process has open is busy, and named", async () => {
  await using bench = new Workbench();
  await using owner = new HoldingOwner(bench);
  const id = await owner.readId();
  for (const act of [pauseStoredSession, resumeStoredSession]) {
    expect(() => act(bench.store, optionsOf(id))).toThrow(
      expect.objectContaining({ code: "session_busy", message: expect.stringContaining(String(owner.pid)) }),
    );
  }
  expect(() => pauseStoredSession(bench.store, optionsOf("nosuch"))).toThrow(
    expect.objectContaining({ code: "session_not_found" }),
  );
});
