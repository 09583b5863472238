import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createRemoteControl } from "../../src/attach/remote-control.ts";
import type { EngineEvent } from "../../src/events/engine-event.ts";
import type { ModelRequest } from "../../src/ports/llm-provider.ts";
import type { KodaSession } from "../../src/session/koda-session.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import { findGrammarFault } from "../fakes/event-grammar.ts";
import { type ScriptedAnswer, ScriptedProvider } from "../fakes/scripted-provider.ts";
import { collect, gather, only, Workbench } from "../fakes/workbench.ts";
import { writeAfterDeath } from "../fakes/write-after-death.ts";
import { dieInTurn } from "./dying-turn.ts";
import { createLoggingTools } from "./logging-tools.ts";

const one: ScriptedAnswer = {
  text: "one",
  calls: ["Look", "Change", "Look"].map((name) => ({ name, input: { value: "1" } })),
};
const two: ScriptedAnswer = { text: "two", calls: [{ name: "Drop", input: { value: "2" } }] };
const done: ScriptedAnswer = { text: "done" };

const approve = (session: KodaSession) => (event: EngineEvent) => {
  if (event.type !== "approval-request") return;
  session.send({ type: "approve", requestId: event.requestId, scope: "once" });
};

/** A message in a few words. */
function toLine(message: ModelRequest["messages"][number]): string {
  if (message.role !== "tool") return `${message.role}: ${message.text.split("\n")[0]}`;
  if (message.text.includes("outcome is unknown")) return `${message.callId}: unknown`;
  return message.text.includes("was not run") ? `${message.callId}: not run` : `${message.callId}: ${message.text}`;
}

const prompt = "user: work";
const first = ["assistant: one", "call_1_1_0: Look 1: done", "call_1_1_1: Change 1: done", "call_1_1_2: Look 1: done"];
const second = ["assistant: two", "call_1_2_0: Drop 2: done"];
const hurry = "user: hurry";

/** Where the process dies; what the model still has to answer; what its last request then holds; what ran in all. */
const points: readonly {
  readonly point: string;
  readonly answers: readonly ScriptedAnswer[];
  readonly request: readonly string[] | null;
  readonly ran: readonly string[];
}[] = [
  {
    point: "in request 1",
    answers: [one, two, done],
    request: [prompt, ...first, ...second],
    ran: ["Look 1", "Change 1", "Look 1", "Drop 2"],
  },
  {
    point: "after draft",
    answers: [one, two, done],
    request: [prompt, "assistant: half an ", expect.stringMatching(/^user: .*cut off/), ...first, ...second],
    ran: ["Look 1", "Change 1", "Look 1", "Drop 2"],
  },
  {
    point: "after answer 1",
    answers: [two, done],
    request: [prompt, ...first, ...second],
    ran: ["Look 1", "Change 1", "Look 1", "Drop 2"],
  },
  {
    // It was to run at once, and may have: its start is not on record where the store failed for a moment.
    point: "after decision call_1_1_1",
    answers: [two, done],
    request: [prompt, ...first.slice(0, 2), "call_1_1_1: unknown", "call_1_1_2: not run", ...second],
    ran: ["Look 1", "Drop 2"],
  },
  {
    point: "in Look 1",
    answers: [two, done],
    request: [prompt, ...first, ...second],
    ran: ["Look 1", "Look 1", "Change 1", "Look 1", "Drop 2"],
  },
  {
    point: "after result call_1_1_0",
    answers: [two, done],
    request: [prompt, ...first, ...second],
    ran: ["Look 1", "Change 1", "Look 1", "Drop 2"],
  },
  {
    point: "in Change 1",
    answers: [two, done],
    request: [
      prompt,
      "assistant: one",
      "call_1_1_0: Look 1: done",
      "call_1_1_1: unknown",
      "call_1_1_2: not run",
      ...second,
    ],
    ran: ["Look 1", "Change 1", "Drop 2"],
  },
  {
    point: "after result call_1_1_2",
    answers: [two, done],
    request: [prompt, ...first, ...second],
    ran: ["Look 1", "Change 1", "Look 1", "Drop 2"],
  },
  {
    point: "after steer",
    answers: [two, done],
    request: [prompt, ...first, hurry, ...second],
    ran: ["Look 1", "Change 1", "Look 1", "Drop 2"],
  },
  {
    point: "in request 2",
    answers: [two, done],
    request: [prompt, ...first, hurry, ...second],
    ran: ["Look 1", "Change 1", "Look 1", "Drop 2"],
  },
  {
    point: "after question",
    answers: [done],
    request: [prompt, ...first, hurry, ...second],
    ran: ["Look 1", "Change 1", "Look 1", "Drop 2"],
  },
  {
    point: "in Drop 2",
    answers: [done],
    request: [prompt, ...first, hurry, "assistant: two", "call_1_2_0: unknown"],
    ran: ["Look 1", "Change 1", "Look 1", "Drop 2"],
  },
  { point: "after answer 3", answers: [], request: null, ran: ["Look 1", "Change 1", "Look 1", "Drop 2"] },
  { point: "before turn-end", answers: [], request: null, ran: ["Look 1", "Change 1", "Look 1", "Drop 2"] },
];

test.concurrent.each(points)("a turn whose process dies $point goes on as the same turn", async (row) => {
  await using bench = new Workbench();
  const { id, log } = await dieInTurn(bench, row.point);
  const { session, provider } = await bench.open([...row.answers], { resume: id, tools: createLoggingTools(log) });
  const left = session.unfinishedTurn;
  expect(left).toMatchObject({ prompt: "work", turnNumber: 1 });
  const events = await gather(session.continueTurn(), approve(session));

  expect(findGrammarFault(events)).toBeNull();
  expect(events[0]).toEqual({
    type: "turn-start",
    turnId: left?.turnId,
    turnNumber: 1,
    prompt: "work",
    isContinued: true,
  });
  expect(events.at(-1)).toMatchObject({ turnId: left?.turnId, outcome: { kind: "complete", text: "done" } });
  expect(session.unfinishedTurn).toBeNull();
  expect(provider.requests).toHaveLength(row.answers.length);
  expect(provider.requests.at(-1)?.messages.map(toLine) ?? null).toEqual(row.request);
  expect(existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []).toEqual(row.ran);

  const entries = bench.store.readEntries(id);
  expect(new Set(entries.map(({ turnId }) => turnId)).size).toBe(1);
  const answers = entries.flatMap(({ content }) =>
    content.kind === "assistant" && content.isComplete ? [content] : [],
  );
  expect(answers.map(({ step }) => step)).toEqual([1, 2, 3]);
  expect(entries.filter(({ content }) => content.kind === "turn-end")).toHaveLength(1);
  expect(bench.store.readSession(id)).toMatchObject({ turnCount: 1 });
  expect(bench.store.waitingInputs(id)).toEqual([]);
});

test.concurrent("a turn whose process dies in a summary has the summary made, and goes on", async () => {
  await using bench = new Workbench();
  const { id, log } = await dieInTurn(bench, "in compaction");
  const provider = Object.assign(new ScriptedProvider([{ text: "what was said" }, done]), { contextWindow: 8000 });
  const options = { resume: id, tools: createLoggingTools(log), compactAt: 0.58 };
  const { session } = await bench.open(provider, options);
  const left = session.unfinishedTurn;
  const before = bench.store.readEntries(id);
  const events = await gather(session.continueTurn());
  expect(findGrammarFault(events)).toBeNull();
  expect(events.at(-1)).toMatchObject({ turnId: left?.turnId, outcome: { kind: "complete", text: "done" } });
  expect(provider.requests).toHaveLength(2);
  expect(provider.requests[1]?.messages[0]?.text).toContain("what was said");
  expect(provider.requests[1]?.messages.at(-1)?.text).toBe(left?.prompt);
  // All that was there is there as it was.
  const entries = bench.store.readEntries(id);
  expect(entries.slice(0, before.length)).toEqual(before);
  expect(entries.slice(before.length).map(({ content }) => content.kind)).toEqual(["summary", "assistant", "turn-end"]);
  expect(bench.store.readSession(id)).toMatchObject({ turnCount: left?.turnNumber });
});

test("a turn that has its end is not continued, nor is a session without any", async () => {
  await using bench = new Workbench();
  const { session } = await bench.open([done]);
  await expect(gather(session.continueTurn())).rejects.toMatchObject({ code: "nothing_to_continue" });
  await collect(session, "go");
  await expect(gather(session.continueTurn())).rejects.toMatchObject({ code: "nothing_to_continue" });
});

test("a turn that ran by other rules is not continued, says so, and the session takes a prompt", async () => {
  await using bench = new Workbench();
  const { session } = await bench.open([]);
  await session[Symbol.asyncDispose]();
  bench.store.appendEntry(writeAfterDeath(bench.store, session.id), {
    id: "e1",
    sessionId: session.id,
    parentId: null,
    turnId: "t",
    createdAtMs: 1,
    content: { kind: "user", source: "prompt", text: "later", turn: { number: 1, protocol: 1000 } },
  });
  const before = bench.store.readEntries(session.id);
  const resumed = await bench.open([done], { resume: session.id });
  await expect(gather(resumed.session.continueTurn())).rejects.toMatchObject({
    code: "unsupported_version",
    message: expect.stringContaining("1000"),
  });
  expect(resumed.provider.requests).toEqual([]);
  expect(bench.store.readEntries(session.id)).toEqual(before);
  const events = await collect(resumed.session, "now");
  expect(events.at(-1)).toMatchObject({ outcome: { kind: "complete" } });
});

test.concurrent("an answer given while the process of the question was dead is the one that counts", async () => {
  await using bench = new Workbench();
  const { id, log } = await dieInTurn(bench, "after question");
  const elsewhere = openSqliteStore(bench.databasePath);
  const control = createRemoteControl(elsewhere, {
    by: "another terminal",
    now: () => Date.now(),
    id: () => "id",
    redact: String,
  });
  const requestId = "ask_call_1_2_0";
  expect(control.send(id, { type: "reject", requestId, feedback: "not that one" })).toBe(true);
  expect(control.send(id, { type: "approve", requestId, scope: "once" })).toBe(false);
  elsewhere.close();

  const { session, provider } = await bench.open([done], { resume: id, tools: createLoggingTools(log) });
  const events = await gather(session.continueTurn());
  expect(only(events, "approval-end")).toEqual([{ type: "approval-end", requestId, outcome: "rejected" }]);
  expect(provider.requests[0]?.messages.at(-1)).toMatchObject({ text: expect.stringContaining("not that one") });
  expect(readFileSync(log, "utf8")).not.toContain("Drop");
});

test.concurrent("a turn may die again while it goes on, and nothing is done twice then either", async () => {
  await using bench = new Workbench();
  const { id, log } = await dieInTurn(bench, "after answer 1");
  const again = await bench.open([two, done], { resume: id, tools: createLoggingTools(log) });
  // The reader leaves at the question: the turn is cancelled, which is an end.
  for await (const event of again.session.continueTurn()) if (event.type === "approval-request") break;
  expect(again.session.unfinishedTurn).toBeNull();
  expect(readFileSync(log, "utf8")).toBe("Look 1\nChange 1\nLook 1\n");
});
