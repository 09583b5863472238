import { afterEach, beforeEach, expect, test } from "vitest";
import { createRemoteControl } from "../../src/attach/remote-control.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import { createProbeTool } from "../fakes/probe-tool.ts";
import { collect, gather, only, Workbench } from "../fakes/workbench.ts";
import { writeAfterDeath } from "../fakes/write-after-death.ts";

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => bench[Symbol.asyncDispose]());

const tools = [createProbeTool({})];
const call = { calls: [{ name: "Probe", input: { value: "x" } }] };

test("what is said to a turn is an entry of the user's before its next request, and told with its id, once", async () => {
  const { session, provider } = await bench.open([call, call, { text: "ok" }], { tools });
  const saidTo: boolean[] = [];
  session.subscribe(({ type }) => {
    if (type !== "tool-call-end") return;
    // The same one again, after it was taken, does nothing.
    saidTo.push(session.send({ type: "steer", inputId: "i1", text: "faster" }));
  });
  const events = await collect(session, "go");
  expect(saidTo).toEqual([true, false]);
  expect(only(events, "input-accepted")).toEqual([{ type: "input-accepted", inputId: "i1", text: "faster" }]);
  expect(provider.requests.map(({ messages }) => messages.filter(({ text }) => text === "faster").length)).toEqual([
    0, 1, 1,
  ]);
  const entry = bench.store
    .readEntries(session.id)
    .find(({ content }) => "text" in content && content.text === "faster");
  expect(entry?.content).toMatchObject({ kind: "user", source: "steer" });
  expect(bench.store.listInputs(session.id)).toMatchObject([{ id: "i1", state: "accepted", entryId: entry?.id }]);
});

test("the same id with another text is refused, and the first text stands", async () => {
  const { session } = await bench.open([]);
  const say = (text: string): boolean => session.send({ type: "steer", inputId: "i1", text, boundary: "next-turn" });
  expect(say("one")).toBe(true);
  expect(say("one")).toBe(false);
  expect(say("two")).toBe(false);
  expect(session.waitingInputs()).toMatchObject([{ id: "i1", text: "one" }]);
});

test("what is said for the next turn waits past the end of this one, in order, and becomes its prompt once", async () => {
  const { session, provider } = await bench.open([call, { text: "one" }, { text: "two" }], { tools });
  session.subscribe(({ type }) => {
    if (type !== "tool-call-start") return;
    session.send({ type: "steer", inputId: "i1", text: "and then", boundary: "next-turn" });
    session.send({ type: "steer", inputId: "i2", text: "and later", boundary: "next-turn" });
  });
  await collect(session, "go");
  expect(session.waitingInputs().map(({ id }) => id)).toEqual(["i1", "i2"]);
  const events = await gather(session.runTurn("and then", { inputId: "i1" }));
  expect(only(events, "input-accepted")).toMatchObject([{ inputId: "i1" }]);
  expect(provider.requests.at(-1)?.messages.filter(({ text }) => text === "and then")).toHaveLength(1);
  expect(session.waitingInputs().map(({ id }) => id)).toEqual(["i2"]);
});

test("what is said to a turn that ends first waits for the next prompt, through a restart too", async () => {
  const { session } = await bench.open([{ text: "one" }]);
  session.subscribe(({ type }) => {
    if (type === "turn-end") session.send({ type: "steer", inputId: "i1", text: "too late" });
  });
  await collect(session, "go");
  await session[Symbol.asyncDispose]();
  const { session: resumed, provider } = await bench.open([{ text: "two" }], { resume: session.id });
  expect(resumed.waitingInputs()).toMatchObject([{ id: "i1", text: "too late" }]);
  await gather(resumed.runTurn("too late", { inputId: "i1" }));
  expect(provider.requests[0]?.messages.map(({ text }) => text)).toEqual(["go", "one", "too late"]);
  expect(resumed.waitingInputs()).toEqual([]);
});

test("what is withdrawn is never said; what was taken cannot be withdrawn", async () => {
  const { session, provider } = await bench.open([call, { text: "ok" }], { tools });
  const answers: boolean[] = [];
  session.subscribe(({ type }) => {
    if (type === "tool-call-start") {
      session.send({ type: "steer", inputId: "i1", text: "no" });
      session.send({ type: "steer", inputId: "i2", text: "yes" });
      answers.push(session.send({ type: "withdraw", inputId: "i1" }));
    }
    if (type === "input-accepted") answers.push(session.send({ type: "withdraw", inputId: "i2" }));
  });
  await collect(session, "go");
  expect(answers).toEqual([true, false]);
  expect(provider.requests[1]?.messages.filter(({ role }) => role === "user").map(({ text }) => text)).toEqual([
    "go",
    "yes",
  ]);
  expect(bench.store.listInputs(session.id).map(({ state }) => state)).toEqual(["withdrawn", "accepted"]);
});

test("another process speaks to a running turn, and the turn takes it once", async () => {
  const elsewhere = openSqliteStore(bench.databasePath);
  try {
    const control = createRemoteControl(elsewhere, {
      by: "another",
      now: () => Date.now(),
      id: () => "i1",
      redact: String,
    });
    const { session, provider } = await bench.open(
      [
        () => {
          control.send(session.id, { type: "steer", text: "from afar" });
          return call;
        },
        call,
        { text: "ok" },
      ],
      { tools },
    );
    const events = await collect(session, "go");
    expect(only(events, "input-accepted")).toEqual([{ type: "input-accepted", inputId: "i1", text: "from afar" }]);
    expect(provider.requests[2]?.messages.filter(({ text }) => text === "from afar")).toHaveLength(1);
    expect(control.send(session.id, { type: "withdraw", inputId: "i1" })).toBe(false);
  } finally {
    elsewhere.close();
  }
});

test("what was accepted before a crash is in the next request once, and is not taken again", async () => {
  const { session } = await bench.open([]);
  session.send({ type: "steer", inputId: "i1", text: "faster", boundary: "next-turn" });
  await session[Symbol.asyncDispose]();
  const writer = writeAfterDeath(bench.store, session.id);
  const base = { sessionId: session.id, turnId: "t", createdAtMs: 1 };
  const prompt = { kind: "user", source: "prompt", text: "go", turn: { number: 1, protocol: 1 } } as const;
  bench.store.appendEntry(writer, { ...base, id: "e1", parentId: null, content: prompt });
  const steer = { kind: "user", source: "steer", text: "faster" } as const;
  bench.store.appendEntry(writer, { ...base, id: "e2", parentId: "e1", content: steer }, { acceptsInput: "i1" });
  const resumed = await bench.open([{ text: "ok" }], { resume: session.id });
  const events = await gather(resumed.session.continueTurn());
  expect(resumed.provider.requests[0]?.messages.map(({ text }) => text)).toEqual(["go", "faster"]);
  expect(only(events, "input-accepted")).toEqual([]);
});

test("a turn of no process takes nothing: what is said then has to wait for a prompt", async () => {
  const { session } = await bench.open([]);
  expect(session.send({ type: "steer", text: "now" })).toBe(false);
  expect(session.send({ type: "steer", text: " \n", boundary: "next-turn" })).toBe(false);
  expect(session.waitingInputs()).toEqual([]);
});
