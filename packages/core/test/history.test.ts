import { afterEach, beforeEach, expect, test } from "vitest";
import { ScriptedProvider } from "./fakes/scripted-provider.ts";
import { collect, only, Workbench } from "./fakes/workbench.ts";

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(async () => await bench[Symbol.asyncDispose]());

const texts = (messages: readonly { readonly text: string }[] | undefined) => messages?.map(({ text }) => text);

test("going back makes a branch: the model is shown the path, the record keeps both", async () => {
  const { session, provider } = await bench.open([
    { text: "one" },
    { text: "two" },
    { text: "other" },
    { text: "end" },
  ]);
  await collect(session, "first");
  const leafId = bench.store.readSession(session.id)?.leafId ?? null;
  await collect(session, "second");
  session.rewind(leafId);
  await collect(session, "instead");
  expect(texts(provider.requests[2]?.messages)).toEqual(["first", "one", "instead"]);
  expect(JSON.stringify(bench.store.readEntries(session.id))).toContain("second");
  expect(bench.store.readSession(session.id)?.turnCount).toBe(3);

  session.rewind(null);
  await collect(session, "anew");
  expect(texts(provider.requests[3]?.messages)).toEqual(["anew"]);
});

test("a session that goes back is there again when it is resumed", async () => {
  const first = await bench.open([{ text: "one" }, { text: "two" }]);
  await collect(first.session, "first");
  const leafId = bench.store.readSession(first.session.id)?.leafId ?? null;
  await collect(first.session, "second");
  first.session.rewind(leafId);
  await first.session[Symbol.asyncDispose]();
  const again = await bench.open([{ text: "x" }], { resume: first.session.id });
  await collect(again.session, "third");
  expect(texts(again.provider.requests[0]?.messages)).toEqual(["first", "one", "third"]);
});

test("an entry that is not on the path is refused, and nothing moves", async () => {
  const { session } = await bench.open([{ text: "one" }]);
  await collect(session, "first");
  const before = bench.store.readSession(session.id);
  expect(() => session.rewind("nobody")).toThrow(expect.objectContaining({ code: "store_rejected" }));
  expect(bench.store.readSession(session.id)).toEqual(before);
});

test("a short conversation is not summarised, and no model is asked", async () => {
  const { session, provider } = await bench.open([{ text: "one" }]);
  await collect(session, "first");
  expect(await session.compact()).toEqual({ kind: "unchanged", why: "few-messages" });
  expect(provider.requests).toHaveLength(1);
});

test("a long conversation is summarised when asked: view and resumed view hold it, the record holds everything", async () => {
  const turns = 20;
  const script = Array.from({ length: turns }, (_, index) => ({ text: `answer ${index} ${"x".repeat(200)}` }));
  const { session, provider } = await bench.open([...script, { text: "THE SUMMARY" }, { text: "after" }]);
  for (let index = 0; index < turns; index += 1) await collect(session, `prompt ${index}`);
  expect(await session.compact()).toMatchObject({ kind: "shrunk", step: "summarised" });
  const events = await collect(session, "and now");
  const request = provider.requests.at(-1);
  expect(request?.messages[0]?.text).toContain("THE SUMMARY");
  expect(JSON.stringify(request?.messages)).not.toContain("answer 0 ");
  expect(JSON.stringify(bench.store.readEntries(session.id))).toContain("answer 0 ");
  expect(only(events, "turn-end")[0]?.outcome.kind).toBe("complete");
  expect(bench.store.listUsage(session.id).map(({ label }) => label)).toContain("compaction");
  await session[Symbol.asyncDispose]();

  const again = await bench.open([{ text: "ok" }], { resume: session.id });
  await collect(again.session, "still there?");
  expect(again.provider.requests[0]?.messages[0]?.text).toContain("THE SUMMARY");
});

test("a summary that fails changes nothing, and is told", async () => {
  const turns = 20;
  const script = Array.from({ length: turns }, (_, index) => ({ text: `answer ${index} ${"x".repeat(200)}` }));
  const failure = { failure: { code: "bad_request", message: "no" } } as const;
  const { session, provider } = await bench.open([...script, failure, { text: "after" }]);
  for (let index = 0; index < turns; index += 1) await collect(session, `prompt ${index}`);
  expect(await session.compact()).toMatchObject({ kind: "failed" });
  await collect(session, "and now");
  expect(provider.requests.at(-1)?.messages).toHaveLength(2 * turns + 1);
});

test("an automatic summary is made once for one crossing of the threshold, and the turn goes on", async () => {
  const usage = (inputTokens: number) => ({ inputTokens, outputTokens: 10, cacheReadTokens: 0, thinkingTokens: 0 });
  const long = "y".repeat(4000);
  const script = Array.from({ length: 8 }, (_, index) => ({
    text: `answer ${index} ${long}`,
    usage: usage(1000 * index),
  }));
  const scripted = new ScriptedProvider([
    ...script,
    { text: "last before", usage: usage(8100) },
    { text: "THE SUMMARY" },
    { text: "after", usage: usage(2000) },
    { text: "later", usage: usage(2100) },
  ]);
  const { session, provider } = await bench.open(Object.assign(scripted, { contextWindow: 10_000 }));
  for (let index = 0; index < 9; index += 1) await collect(session, `prompt ${index}`);
  const events = await collect(session, "next");
  expect(only(events, "context-shrunk")).toHaveLength(1);
  expect(only(events, "turn-end")[0]?.outcome).toMatchObject({ kind: "complete", text: "after" });
  expect(only(await collect(session, "more"), "context-shrunk")).toHaveLength(0);
  expect(provider.requests).toHaveLength(12);
});
