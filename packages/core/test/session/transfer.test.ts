import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { deleteSession } from "../../src/session/delete-session.ts";
import { forkSession } from "../../src/session/fork-session.ts";
import { createMemoryStore } from "../../src/store/memory-store.ts";
import type { Store } from "../../src/store/store.ts";
import { exportSession } from "../../src/transfer/export-session.ts";
import { importSession } from "../../src/transfer/import-session.ts";
import { createProbeTool } from "../fakes/probe-tool.ts";
import { collect, Workbench } from "../fakes/workbench.ts";
import { writeAfterDeath } from "../fakes/write-after-death.ts";

let bench: Workbench;
let other: Workbench;
beforeEach(() => {
  bench = new Workbench();
  other = new Workbench();
});
afterEach(async () => {
  await bench[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

const price = { input: 1, output: 2 };
const usage = { inputTokens: 10, outputTokens: 5, cacheReadTokens: 1, cacheWriteTokens: 2, thinkingTokens: 3 };
const security = { environment: { KEY: "q8Kx-2mZp/4vTn+w93Lr" } };
const long = "line\n".repeat(20_000);
const tools = [
  createProbeTool({ execute: ({ value }) => ({ text: value === "long" ? long : `did ${value}`, isError: false }) }),
  createProbeTool({ name: "Drop", effect: "destructive" }),
];
const calls = (...values: string[]) => values.map((value) => ({ name: "Probe", input: { value } }));
/** The new session is named "fork"; what else is made gets ids of its own. */
const forkIds = (): (() => string) => {
  const names = ["fork"].values();
  return () => names.next().value ?? randomUUID();
};
const options = { nowMs: Date.now(), id: () => randomUUID() };

/** A session with something of everything, closed. */
async function makeSession(): Promise<string> {
  const { session } = await bench.open(
    [
      { text: "look", thinking: "hm", calls: calls("a", "long"), usage },
      { failure: { code: "server", message: "no", retryAfterMs: 1 } },
      { text: "the key is q8Kx-2mZp/4vTn+w93Lr", calls: [{ name: "Drop", input: { value: "x" } }] },
      { text: "done" },
      { text: ["half"], finish: "hang" },
    ],
    { tools, security, approvals: "reject" },
  );
  Object.assign(session.provider, { price });
  session.tasks.set([{ text: "one", status: "in-progress", priority: "high" }]);
  await collect(session, "first");
  session.recordConnection({
    type: "connection",
    callId: "call_1_1_0",
    protocol: "http",
    host: "a.test",
    port: 80,
    address: null,
    verdict: "refused",
    rule: null,
    reason: "no rule",
    bytesUp: 0,
    bytesDown: 0,
    durationMs: 1,
  });
  await collect(session, "second", {
    onEvent: ({ type }) => {
      if (type === "text-delta") session.send({ type: "cancel" });
    },
  });
  session.send({ type: "steer", inputId: "i1", text: "later", boundary: "next-turn" });
  await session[Symbol.asyncDispose]();
  return session.id;
}

/** Everything of a session that can be read, but who holds it. */
function readAll(store: Store, id: string) {
  const record = store.readSession(id);
  return {
    record: record === null ? null : { ...record, fence: 0 },
    entries: store.readEntries(id),
    calls: store.readCalls(id),
    blobs: store.readCalls(id).map(({ result }) => {
      const hash = result?.fullTextHash ?? null;
      return hash === null ? null : Buffer.from(store.readBlob(id, hash) ?? "").toString("utf8").length;
    }),
    draft: store.readDraft(id),
    usage: store.listUsage(id),
    totals: store.readUsage(id),
    connections: store.listConnections(id),
    owned: store.readOwnedFiles(id),
    tasks: store.readTasks(id),
    audit: store.listAudit(id),
    inputs: store.waitingInputs(id).map(({ id: inputId, text, boundary }) => ({ inputId, text, boundary })),
    found: store.search("done", { projectRoot: bench.projectRoot, sessionId: id, limit: 10 }),
  };
}

test("an exported session is equal in any store that imports it, and says the same again", async () => {
  const id = await makeSession();
  const lines = [...exportSession(bench.store, id)];
  const expected = readAll(bench.store, id);
  expect(expected.blobs).toContain(long.length);
  for (const store of [other.store, createMemoryStore()]) {
    expect(importSession(store, lines, options)).toMatchObject({ id, turnCount: 2 });
    // What would let a file act is left behind: files it may delete unasked, and what waits to be said.
    expect(readAll(store, id)).toEqual({ ...expected, owned: [], inputs: [] });
    const isKept = (line: string): boolean => !/^\{"type":"(owned-files|input|end)"/.test(line);
    expect([...exportSession(store, id)].filter(isKept).map(toValue)).toEqual(lines.filter(isKept).map(toValue));
    expect(store.readLease(id)).toBeNull();
  }
});

test("an imported session goes on where it was, with the same messages", async () => {
  const id = await makeSession();
  importSession(other.store, exportSession(bench.store, id), { ...options, projectRoot: other.projectRoot });
  const there = await other.open([{ text: "ok" }], { resume: id, tools, security });
  await collect(there.session, "more");
  const here = await bench.open([{ text: "ok" }], { resume: id, tools, security });
  await collect(here.session, "more");
  expect(there.provider.requests[0]?.messages).toEqual(here.provider.requests[0]?.messages);
});

test("a turn without its end counts as cancelled where it is imported: a file makes no call run", async () => {
  const { session } = await bench.open([]);
  await session[Symbol.asyncDispose]();
  const { id } = session;
  const writer = writeAfterDeath(bench.store, id);
  const prompt = { kind: "user", source: "prompt", text: "go", turn: { number: 1, protocol: 1 } } as const;
  const base = { sessionId: id, turnId: "t", createdAtMs: 1 };
  bench.store.appendEntry(writer, { ...base, id: "e1", parentId: null, content: prompt });
  bench.store.changeSession(writer, { turnCount: 1 }, 2);
  bench.store.writeDraft(writer, { turnId: "t", text: "half an", thinking: "hm" });
  importSession(other.store, exportSession(bench.store, id), { ...options, projectRoot: other.projectRoot });
  expect(other.store.readDraft(id)).toBeNull();
  const { session: resumed, provider } = await other.open([{ text: "ok" }], { resume: id });
  expect(resumed.unfinishedTurn).toBeNull();
  await collect(resumed, "and now");
  expect(provider.requests[0]?.messages[1]?.text).toContain("half an");
});

test("a fork shows the past of its source, goes its own way, and leaves the source byte for byte as it was", async () => {
  const id = await makeSession();
  const before = [...exportSession(bench.store, id)];
  const leaf = bench.store.readEntries(id).find(({ content }) => content.kind === "turn-end")?.id;
  const fork = forkSession(bench.store, { sourceId: id, atEntryId: leaf, id: forkIds(), nowMs: Date.now() });
  expect(fork).toMatchObject({ id: "fork", parentId: id, title: "first (fork)", leafId: leaf });
  expect(bench.store.readTasks("fork")).toEqual(bench.store.readTasks(id));
  const { session, provider } = await bench.open([{ text: "another way" }], { resume: "fork", tools, security });
  expect(session.waitingInputs()).toEqual([]);
  await collect(session, "go elsewhere");
  const texts = provider.requests[0]?.messages.map(({ text }) => text) ?? [];
  expect([texts[0], texts.at(-1)]).toEqual(["first", "go elsewhere"]);
  expect(texts).not.toContain("second");
  await session[Symbol.asyncDispose]();
  expect([...exportSession(bench.store, id)]).toEqual(before);

  // The whole output of a call of the source can be read through the fork, and goes with its export.
  const hash = bench.store.readCalls(id).find(({ result }) => result?.fullTextHash)?.result?.fullTextHash ?? "";
  expect(bench.store.readBlob("fork", hash)).toEqual(bench.store.readBlob(id, hash));
  importSession(other.store, exportSession(bench.store, "fork"), { ...options, projectRoot: other.projectRoot });
  expect(other.store.readBlob("fork", hash)).toEqual(bench.store.readBlob(id, hash));
  const there = await other.open([{ text: "ok" }], { resume: "fork", tools, security });
  await collect(there.session, "more");
  expect(there.provider.requests[0]?.messages[0]?.text).toBe("first");
});

test("a fork of an entry that is not the source's is refused, and nothing is made", async () => {
  const id = await makeSession();
  const { session } = await bench.open([{ text: "x" }]);
  await collect(session, "foreign");
  const foreign = bench.store.readEntries(session.id)[0]?.id;
  for (const atEntryId of [foreign, "nowhere"]) {
    const make = () => forkSession(bench.store, { sourceId: id, atEntryId, id: forkIds(), nowMs: 1 });
    expect(make).toThrow(expect.objectContaining({ code: "store_rejected" }));
  }
  expect(bench.store.readSession("fork")).toBeNull();
});

test("a deleted session is gone, its id is never free again, and one that is open or has children stays", async () => {
  const id = await makeSession();
  const remove = (sessionId: string) => () =>
    deleteSession(bench.store, { id: sessionId, token: "delete", nowMs: Date.now() });
  forkSession(bench.store, { sourceId: id, id: forkIds(), nowMs: Date.now() });
  expect(remove(id)).toThrow(expect.objectContaining({ code: "store_rejected" }));
  const { session } = await bench.open([], { resume: "fork", tools });
  expect(remove("fork")).toThrow(expect.objectContaining({ code: "session_busy" }));
  await session[Symbol.asyncDispose]();
  const lines = [...exportSession(bench.store, id)];
  const message = (what: string): unknown =>
    expect.objectContaining({ code: "store_rejected", message: `session ${id} ${what}` });
  expect(() => importSession(bench.store, lines, options)).toThrow(message("is there already"));
  remove("fork")();
  remove(id)();
  expect(bench.store.readSession(id)).toBeNull();
  expect(bench.store.readEntries(id)).toEqual([]);
  await expect(bench.open([], { resume: id })).rejects.toMatchObject({ code: "session_not_found" });
  expect(() => importSession(bench.store, lines, options)).toThrow(
    message("was there and is deleted: an id is used once"),
  );
  expect(remove(id)).toThrow(expect.objectContaining({ code: "session_not_found" }));
});

test("whatever lines are missing, swapped, doubled or broken, an import is whole or is refused and leaves nothing", async () => {
  const id = await makeSession();
  const lines = [...exportSession(bench.store, id)];
  const index = fc.nat({ max: lines.length - 1 });
  const piece = fc.constantFrom('"', "{", "9", "-1", "1e400", "\0", '"__proto__":1', "\u{1f600}", "[".repeat(50_000));
  const damage = fc.oneof(
    index.map((at) => lines.slice(0, at)),
    index.map((at) => lines.toSpliced(at, 1)),
    fc.tuple(index, index).map(([from, to]) => lines.with(from, lines[to] ?? "").with(to, lines[from] ?? "")),
    fc.tuple(index, index).map(([from, to]) => lines.toSpliced(to, 0, lines[from] ?? "")),
    fc.tuple(index, fc.nat({ max: 400 }), piece).map(([at, cut, text]) => {
      const line = lines[at] ?? "";
      return lines.with(at, line.slice(0, cut) + text + line.slice(cut + 1));
    }),
  );
  fc.assert(
    fc.property(damage, (damaged) => {
      const store = createMemoryStore();
      const error = catchError(() => importSession(store, damaged, options));
      if (error === null) {
        // A changed letter may leave a good line. What is whole can be exported again.
        const imported = JSON.parse(damaged[0] ?? "").session.id;
        expect([...exportSession(store, imported)].length).toBeGreaterThan(1);
        expect(store.readLease(imported)).toBeNull();
        return;
      }
      expect(error).toMatchObject({
        name: "CoreError",
        code: expect.stringMatching(/^(bad_import|store_rejected|bad_session_id)$/),
      });
      expect(store.listSessions(null)).toEqual([]);
      expect(store.readSession(id)).toBeNull();
      // Not even its name is taken: the whole one can still be imported.
      expect(importSession(store, lines, options)).toMatchObject({ id });
    }),
    { numRuns: 120 },
  );
});

test.each<readonly [string, (lines: readonly string[]) => readonly string[], RegExp]>([
  ["without its end", (lines) => lines.slice(0, -1), /cut off/],
  ["with more after its end", (lines) => [...lines, lines[1] ?? ""], /after the end/],
  ["with a line left out", (lines) => lines.toSpliced(2, 1), /line \d+/],
  [
    "with a line left out that no other needs",
    (lines) => lines.filter((line) => !line.startsWith('{"type":"tasks"')),
    /the export had \d+ lines, here are \d+/,
  ],
  [
    "with its entries before it",
    (lines) => [lines[1] ?? "", lines[0] ?? "", ...lines.slice(2)],
    /begin with its session/,
  ],
  ["that is two sessions", (lines) => [lines[0] ?? "", ...lines], /second session/],
  ["with an entry of another session", (lines) => lines.with(1, swapSession(lines[1] ?? "")), /another session/],
  ["of a later version", (lines) => lines.with(0, (lines[0] ?? "").replace('"version":1', '"version":2')), /line 1/],
  ["of another kind of file", () => ['{"role":"user","content":"hi"}'], /line 1/],
  ["that is empty", () => [], /cut off/],
])("an export %s is refused in words that say where, and the database is as it was", async (_what, damage, message) => {
  const id = await makeSession();
  const lines = [...exportSession(bench.store, id)];
  const error = catchError(() => importSession(other.store, damage(lines), options));
  expect(error).toMatchObject({ code: "bad_import", message: expect.stringMatching(message) });
  expect(other.store.readSession(id)).toBeNull();
  expect(other.store.readEntries(id)).toEqual([]);
  expect(other.store.listUsage(id)).toEqual([]);
  expect(importSession(other.store, lines, options)).toMatchObject({ id });
});

test("an export cannot take entries of another session for its own, nor open its blobs", async () => {
  const id = await makeSession();
  const lines = [...exportSession(bench.store, id)];
  const hash = bench.store.readCalls(id).find(({ result }) => result?.fullTextHash)?.result?.fullTextHash ?? "";
  // The same lines under another id: its entries are there already, and are the first one's.
  const renamed = lines.map((line) => line.replaceAll(id, "thief"));
  expect(catchError(() => importSession(bench.store, renamed, options))).toMatchObject({ code: "bad_import" });
  expect(bench.store.readSession("thief")).toBeNull();
  // Under fresh ids, but without the bytes: the hash alone opens nothing.
  const fresh = renamed
    .filter((line) => !line.startsWith('{"type":"blob"'))
    .map((line) =>
      line.replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, (old) => `x${old.slice(1)}`),
    );
  fresh.splice(-1, 1, JSON.stringify({ type: "end", lines: fresh.length }));
  importSession(bench.store, fresh, options);
  expect(bench.store.readCalls("thief").map(({ result }) => result?.fullTextHash)).toContain(hash);
  expect(bench.store.readBlob("thief", hash)).toBeNull();
});

function catchError(act: () => unknown): unknown {
  try {
    act();
    return null;
  } catch (error) {
    return error;
  }
}

const toValue = (line: string): unknown => JSON.parse(line);
const swapSession = (line: string): string => line.replace(/"sessionId":"[^"]*"/, '"sessionId":"other"');
