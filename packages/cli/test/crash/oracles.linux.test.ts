import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Entry, EntryContent, ToolCallRecord } from "@koda/core";
import { describe, expect, test } from "vitest";
import { createPlace } from "../run-koda.ts";
import { findRepeatedRuns } from "./check-log.ts";
import { findContradictions, findLosses, findUnstored } from "./check-record.ts";
import { findOrphans, findRewriting } from "./check-request.ts";
import { findLeftovers } from "./leftover-processes.ts";
import { answerAs } from "./scripted-model.ts";
import { createRandom } from "./seeded-random.ts";
import { compareTranscripts, settleTranscript } from "./settled-transcript.ts";
import { readStoredState, type StoredSession } from "./stored-session.ts";
import { parseToldEvents } from "./told-event.ts";
import type { WireMessage } from "./wire-message.ts";
import { createTask, toPrompt } from "./workload.ts";

const prompt: EntryContent = {
  kind: "user",
  source: "prompt",
  text: toPrompt(1),
  turn: { number: 1, protocol: 1 },
};
const end: EntryContent = { kind: "turn-end", outcome: { kind: "complete", text: "done" } };

function answer(text: string, calls: readonly (readonly [string, string])[], isComplete = true): EntryContent {
  const toolCalls = calls.map(([callId, command]) => ({
    callId,
    name: "Bash",
    argumentsJson: JSON.stringify({ command }),
  }));
  return { kind: "assistant", text, thinking: "", toolCalls, isComplete };
}

function call(callId: string, state: ToolCallRecord["state"], entry: number, text = "out"): ToolCallRecord {
  const result =
    state === "finished"
      ? ({ outcome: "ok", text, changes: [], durationMs: 1, origin: "command", fullTextHash: null } as const)
      : null;
  return { callId, entryId: `entry-${entry}`, name: "Bash", state, decision: null, attempts: 1, result };
}

function session(contents: readonly EntryContent[], calls: readonly ToolCallRecord[] = []): StoredSession {
  const entries = contents.map(
    (content, index): Entry => ({
      id: `entry-${index}`,
      sessionId: "s",
      parentId: index === 0 ? null : `entry-${index - 1}`,
      turnId: "turn",
      createdAtMs: 0,
      content,
    }),
  );
  return {
    record: {
      id: "s",
      projectRoot: "/p",
      title: null,
      providerId: "openai",
      model: "scripted",
      mode: "auto",
      state: "active",
      stateReason: null,
      parentId: null,
      leafId: entries.at(-1)?.id ?? null,
      turnCount: 1,
      fence: 1,
      createdAtMs: 0,
      updatedAtMs: 0,
    },
    entries,
    calls,
    draft: null,
    hasUnfinishedTurn: contents.at(-1)?.kind !== "turn-end",
    openIn: null,
  };
}

const asked = answer("step", [["c1", "echo a >> log.txt"]]);

describe("a later state of a session", () => {
  const before = session([prompt, asked], [call("c1", "finished", 1)]);

  test("that only grew has lost nothing", () => {
    const after = session([prompt, asked, end], [call("c1", "finished", 1)]);
    expect(findLosses(before, after)).toEqual([]);
  });

  test.each([
    ["an entry less", session([prompt], [call("c1", "finished", 1)]), "entry 1"],
    ["another text", session([prompt, answer("other", [["c1", "a"]])], [call("c1", "finished", 1)]), "entry 1"],
    ["a call less", session([prompt, asked], []), "c1 is gone"],
    ["another result", session([prompt, asked], [call("c1", "finished", 1, "other")]), "c1 has changed"],
    ["a finished call that is open", session([prompt, asked], [call("c1", "started", 1)]), "c1 has changed"],
  ])("with %s has lost something", (_, after, fault) => {
    expect(findLosses(before, after)).toEqual([expect.stringContaining(fault)]);
  });

  test("in which a call is less far than before has lost something", () => {
    const started = session([prompt, asked], [call("c1", "started", 1)]);
    const requested = session([prompt, asked], [call("c1", "requested", 1)]);
    expect(findLosses(started, requested)).toEqual(["call c1 went back from started to requested"]);
  });
});

describe("the record of a session", () => {
  const whole = session([prompt, asked, end], [call("c1", "finished", 1)]);

  test("that was appended to, and to which nobody writes, is right", () => {
    expect(findContradictions(whole)).toEqual([]);
  });

  test.each([
    ["entries out of order", { ...whole, entries: whole.entries.toReversed() }],
    ["a leaf that is not its end", { ...whole, record: { ...whole.record, leafId: "entry-0" } }],
    ["a call that nobody asked for", { ...whole, calls: [...whole.calls, call("c2", "started", 1)] }],
    ["prompts that are not counted", { ...whole, record: { ...whole.record, turnCount: 2 } }],
    ["an accepted prompt that is neither finished nor to go on with", { ...whole, entries: whole.entries.slice(0, 2) }],
    ["a lease that a dead process holds", { ...whole, openIn: 7 }],
  ])("with %s is wrong", (_, stored) => {
    expect(findContradictions(stored)).not.toEqual([]);
  });
});

describe("what a process has told", () => {
  const events = parseToldEvents(
    [
      { type: "turn-start", turnId: "turn" },
      { type: "step-start", step: 1 },
      { type: "tool-call-end", callId: "c1" },
      { type: "turn-end", turnId: "turn" },
    ]
      .map((event) => `${JSON.stringify(event)}\n`)
      .join("")
      .concat('{"type":"cut'),
  );

  test("is stored", () => {
    expect(findUnstored(events, session([prompt, asked, end], [call("c1", "finished", 1)]))).toEqual([]);
  });

  test("and is not stored is named, each thing", () => {
    expect(findUnstored(events, undefined)).toHaveLength(3);
    expect(findUnstored(events, session([prompt, asked], [call("c1", "started", 1)]))).toHaveLength(2);
  });
});

describe("a line of the log", () => {
  const stored = (...calls: readonly ToolCallRecord[]): StoredSession =>
    session(
      [
        prompt,
        answer(
          "step",
          calls.map(({ callId }) => [callId, "echo a >> log.txt"]),
        ),
      ],
      calls,
    );

  test.each([
    ["once for a finished run", stored(call("c1", "finished", 1)), ["a"]],
    ["once for an interrupted run", stored(call("c1", "started", 1)), ["a"]],
    ["not at all for an interrupted run", stored(call("c1", "started", 1)), []],
    ["twice for one of each", stored(call("c1", "started", 1), call("c2", "finished", 1)), ["a", "a"]],
  ])("may be there %s", (_, state, log) => {
    expect(findRepeatedRuns(state, log)).toEqual([]);
  });

  test.each([
    ["twice for a finished run", stored(call("c1", "finished", 1)), ["a", "a"]],
    ["not at all for a finished run", stored(call("c1", "finished", 1)), []],
    ["without any run", stored(), ["a"]],
    ["for a call that never started", stored(call("c1", "decided", 1)), ["a"]],
    ["for a call that was finished twice", stored(call("c1", "finished", 1), call("c2", "finished", 1)), ["a", "a"]],
  ])("may not be there %s", (_, state, log) => {
    expect(findRepeatedRuns(state, log)).not.toEqual([]);
  });
});

describe("the messages of a request", () => {
  const user: WireMessage = { role: "user", content: toPrompt(1) };
  const asks: WireMessage = {
    role: "assistant",
    content: null,
    tool_calls: [{ id: "c1", function: { name: "Bash", arguments: "{}" } }],
  };
  const result: WireMessage = { role: "tool", tool_call_id: "c1", content: "out" };

  test.each([
    ["a call and its result", [user, asks, result, user], 0],
    ["a call without a result", [user, asks, user], 1],
    ["a call without a result at the end", [user, asks], 1],
    ["a result without a call", [user, result], 1],
    ["a result that comes late", [user, asks, user, result], 2],
    ["two results of one call", [user, asks, result, result], 1],
    ["a call id that comes twice", [user, asks, result, asks, result], 1],
  ])("with %s have as many orphans as is said", (_, messages, count) => {
    expect(findOrphans(messages)).toHaveLength(count);
  });

  test("that follow what was sent before rewrite nothing, and all others do", () => {
    expect(findRewriting([user, asks, result], [user, asks, result, user])).toEqual([]);
    expect(findRewriting([user, asks, result], [user, asks, { ...result, content: "other" }])).toHaveLength(1);
    expect(findRewriting([user, asks, result], [user])).toHaveLength(1);
  });
});

describe("a transcript", () => {
  const calm = session([prompt, asked, answer("all done", []), end], [call("c1", "finished", 1)]);
  const compare = (stored: StoredSession): readonly string[] =>
    compareTranscripts(settleTranscript(calm), settleTranscript(stored));

  test("with a call that was interrupted and repeated, and an answer that was cut, is the undisturbed one", () => {
    const again = answer("step", [["c2", "echo a >> log.txt"]]);
    const note: EntryContent = { kind: "user", source: "guard", text: "go on" };
    const cut = answer("all", [], false);
    const stored = session(
      [prompt, asked, again, cut, note, answer("all done", []), end],
      [call("c1", "started", 1), call("c2", "finished", 2, "other")],
    );
    expect(compare(stored)).toEqual([]);
    expect(settleTranscript(stored)[0]?.interruptions).toMatchObject({
      cutAnswers: 1,
      unknownCalls: 1,
      repeatedCalls: 1,
    });
  });

  test.each([
    ["another result", session([prompt, asked, answer("all done", []), end], [call("c1", "finished", 1, "x")])],
    ["another answer", session([prompt, asked, answer("done", []), end], [call("c1", "finished", 1)])],
    ["the answer twice", session([prompt, asked, answer("all done", []), answer("all done", []), end], calm.calls)],
    ["a call that was not run", session([prompt, asked, answer("all done", []), end], [call("c1", "decided", 1)])],
    ["no end", session([prompt, asked, answer("all done", [])], calm.calls)],
    ["a call less", session([prompt, answer("all done", []), end])],
    [
      "a call done twice",
      session(
        [prompt, asked, answer("step", [["c2", "echo a >> log.txt"]]), answer("all done", []), end],
        [call("c1", "finished", 1), call("c2", "finished", 2)],
      ),
    ],
  ])("with %s is not", (_, stored) => {
    expect(compare(stored)).not.toEqual([]);
  });
});

describe("the scripted model", () => {
  const [first] = createTask(1).steps;
  const asks = (...results: readonly string[]): readonly WireMessage[] => [
    { role: "user", content: toPrompt(1) },
    {
      role: "assistant",
      content: null,
      tool_calls: (first?.actions ?? []).map(({ name, input }, index) => ({
        id: `c${index}`,
        function: { name, arguments: JSON.stringify(input) },
      })),
    },
    ...results.map((content, index): WireMessage => ({ role: "tool", tool_call_id: `c${index}`, content })),
  ];
  const unknown = "[This call was interrupted, its outcome is unknown: …]";
  const notRun = "[This call was not run: …]";
  const toNames = (messages: readonly WireMessage[]): readonly string[] =>
    (answerAs(messages).toolCalls ?? []).map(({ name }) => name);

  test.each([
    ["done", "logged 1-first", ["Read", "Read"]],
    ["interrupted", unknown, ["Bash"]],
    ["not run", notRun, ["Bash"]],
  ])("goes on with what is not done when a command is %s", (_, result, names) => {
    expect(toNames(asks("created task-1/notes.md: 3 lines added", result))).toEqual(names);
  });

  test("looks before it writes again what may be written, and believes what it sees", () => {
    const interrupted = asks(unknown, "logged 1-first");
    const look: WireMessage = {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "l", function: { name: "Read", arguments: '{"path":"task-1/notes.md","limit":999}' } }],
    };
    const seen = (content: string): readonly WireMessage[] => [
      ...interrupted,
      look,
      { role: "tool", tool_call_id: "l", content },
    ];
    expect(toNames(interrupted)).toEqual(["Read"]);
    expect(toNames(seen("there is no such file"))).toEqual(["Write"]);
    expect(toNames(seen("3\tThis is draft 1."))).toEqual(["Read", "Read"]);
    expect(toNames(seen(notRun))).toEqual(["Read"]);
  });
});

test("a database that SQLite finds fault with is one fault, and one that is not made yet is none", async () => {
  await using place = await createPlace();
  expect(await readStoredState(place)).toEqual({ sessions: [], faults: [] });
  const dir = join(place.home, ".local", "share", "koda");
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, "koda.db"), "no database at all".repeat(1000));
  expect((await readStoredState(place)).faults).toEqual([expect.stringContaining("not a database")]);
});

test("a process that was started in a folder is a leftover of it until it is gone", async () => {
  const dir = await realpath(await mkdtemp(join(tmpdir(), "koda-leftover-")));
  try {
    const child = spawn("sleep", ["60"], { cwd: dir, stdio: "ignore" });
    await once(child, "spawn");
    expect(await findLeftovers(dir, 0)).toEqual(["sleep 60 "]);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await findLeftovers(dir, 0)).toEqual([]);
  } finally {
    await rm(dir, { recursive: true });
  }
});

test("the same seed gives the same numbers, between 0 and 1", () => {
  const [first, second] = [createRandom(5), createRandom(5)];
  const numbers = Array.from({ length: 100 }, () => first());
  expect(Array.from({ length: 100 }, () => second())).toEqual(numbers);
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
  expect(new Set(numbers).size).toBe(100);
});
