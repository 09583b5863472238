import type { EngineCommand, EngineEvent, TurnOutcome } from "@koda/core";
import { describe, expect, test } from "vitest";
import type { Key, KeyName } from "./key.ts";
import { reduce, type TuiAction } from "./state.ts";
import type { TuiEffect } from "./step.ts";
import { initialState, type SessionFacts, type ViewState } from "./view-state.ts";

const session: SessionFacts = { id: "s1", mode: "safe", model: "m1", enforcement: "kernel", projectRoot: "/p" };
const noTime = { totalMs: 0, modelMs: 0, toolMs: 0, waitMs: 0, ownMs: 0 };

/** Plays actions from a fresh session, one every second, and collects the effects. */
function play(actions: readonly (TuiAction | EngineEvent | Key | KeyName)[], start: Partial<ViewState> = {}) {
  const opening = { session, transcript: [], unfinished: null, waiting: [] };
  let state: ViewState = { ...initialState(opening, "i"), items: [], ...start };
  const effects: TuiEffect[] = [];
  for (const [index, action] of actions.entries()) {
    const next = reduce(state, toAction(action, (index + 1) * 1_000));
    state = next.state;
    effects.push(...next.effects);
  }
  return { state, effects };
}

function toAction(action: TuiAction | EngineEvent | Key | KeyName, atMs: number): TuiAction {
  if (typeof action === "string") return { type: "key", key: { type: action }, atMs };
  switch (action.type) {
    case "event":
    case "key":
    case "turn-settled":
    case "go-on":
    case "session-opened":
    case "session-changed":
    case "rewound":
    case "task-settled":
    case "note":
    case "connections-counted":
    case "picker":
      return action;
    default:
      return isKey(action) ? { type: "key", key: action, atMs } : { type: "event", event: action, atMs };
  }
}

function isKey(action: EngineEvent | Key): action is Key {
  return action.type === "text" || action.type === "paste";
}

const type = (text: string): Key => ({ type: "text", text });
const delta = (text: string): EngineEvent => ({ type: "text-delta", text });
const stepStart: EngineEvent = { type: "step-start", step: 1 };
const callStart = (callId: string): EngineEvent => ({
  type: "tool-call-start",
  callId,
  name: "Bash",
  input: { command: "ls" },
  subject: "ls",
  effect: "local-mutation",
});
const callEnd = (callId: string): EngineEvent => ({
  type: "tool-call-end",
  callId,
  outcome: "ok",
  text: "out",
  changes: [],
  durationMs: 5,
  origin: "command",
});
const request = (requestId: string, alwaysRule: string | null = "Bash(ls:*)"): EngineEvent => ({
  type: "approval-request",
  requestId,
  callId: "c1",
  name: "Bash",
  subject: "ls",
  effect: "local-mutation",
  reason: "safe asks",
  alwaysRule,
});
const turnEnd = (outcome: TurnOutcome = { kind: "complete", text: "" }): EngineEvent => ({
  type: "turn-end",
  turnId: "t",
  outcome,
  timing: noTime,
});
const settled: TuiAction = { type: "turn-settled", failure: null, unfinished: null, atMs: 0 };
const accepted = (inputId: string, text: string): EngineEvent => ({ type: "input-accepted", inputId, text });
const running = [type("go"), "enter", stepStart] as const;
const texts = (state: ViewState): readonly string[] =>
  state.items.map((item) => ("text" in item ? item.text : item.kind));

describe("prompts", () => {
  test("Enter runs a turn, prints the prompt and empties the editor", () => {
    const { state, effects } = play([type("fix it"), "enter"]);
    expect(effects).toEqual([{ type: "run-turn", prompt: "fix it", inputId: null }]);
    expect(state.items).toEqual([{ kind: "prompt", text: "fix it" }]);
    expect(state.editor.text).toBe("");
    expect(state.turn).not.toBeNull();
  });

  test("an empty prompt is not sent", () => {
    expect(play([type("  "), "enter"]).effects).toEqual([]);
  });

  test("Up brings the last prompt back", () => {
    expect(play([...running, turnEnd(), settled, "up"]).state.editor.text).toBe("go");
  });

  const send = (command: EngineCommand): TuiEffect => ({ type: "send", command });
  const steer = (inputId: string, text: string): TuiEffect =>
    send({ type: "steer", text, inputId, boundary: "this-turn" });

  test("text sent while a turn runs is a steer with an id, queued until it is accepted", () => {
    const { state, effects } = play([
      ...running,
      type("use tabs"),
      "enter",
      type("and semicolons"),
      "enter",
      stepStart,
    ]);
    expect(effects.slice(1)).toEqual([steer("i-1", "use tabs"), steer("i-2", "and semicolons")]);
    expect(state.queued.map(({ id }) => id)).toEqual(["i-1", "i-2"]);
    const read = reduce(state, { type: "event", event: accepted("i-1", "use tabs"), atMs: 9_000 }).state;
    expect(read.queued).toEqual([{ id: "i-2", text: "and semicolons" }]);
    expect(texts(read)).toEqual(["go", "use tabs"]);
  });

  test("what no turn accepted is the next prompt under its own id, and said once", () => {
    const said = [type("and this"), "enter", type("then that"), "enter"] as const;
    const { state, effects } = play([...running, ...said, turnEnd(), settled, accepted("i-1", "and this")]);
    expect(effects.at(-1)).toEqual({ type: "run-turn", prompt: "and this", inputId: "i-1" });
    expect(state.queued).toEqual([{ id: "i-2", text: "then that" }]);
    expect(texts(state).filter((text) => text === "and this")).toHaveLength(1);
  });

  test("what somebody else said to the session is shown, too", () => {
    expect(texts(play([...running, accepted("x", "from afar")]).state)).toEqual(["go", "from afar"]);
  });

  test("stopping withdraws what was queued and gives it back to the editor", () => {
    const { state, effects } = play([...running, type("and this"), "enter", type("more"), "escape"]);
    expect(effects.slice(-2)).toEqual([send({ type: "withdraw", inputId: "i-1" }), { type: "stop-turn" }]);
    expect(state.editor.text).toBe("and this\n\nmore");
    expect(state.queued).toEqual([]);
  });

  test("what is said while a turn stops waits for the next one", () => {
    const { state, effects } = play([...running, "escape", type("better so"), "enter"]);
    expect(effects.at(-1)).toEqual(send({ type: "steer", text: "better so", inputId: "i-1", boundary: "next-turn" }));
    const next = [turnEnd({ kind: "cancelled" }), settled].reduce(
      (before, action) => reduce(before.state, toAction(action, 9_000)),
      { state, effects: [] as readonly TuiEffect[] },
    );
    expect(next.effects).toEqual([{ type: "run-turn", prompt: "better so", inputId: "i-1" }]);
  });

  test.each<[string, EngineEvent, TuiAction]>([
    ["failed", turnEnd({ kind: "error", code: "network", message: "gone" }), settled],
    ["was paused", turnEnd({ kind: "paused" }), { ...settled, unfinished: "go" } as TuiAction],
    ["could not run", turnEnd(), { ...settled, failure: "no" } as TuiAction],
  ])("what was queued behind a turn that %s is withdrawn and in the editor", (_, end, after) => {
    const { state, effects } = play([...running, type("and this"), "enter", end, after]);
    expect(effects.at(-1)).toEqual(send({ type: "withdraw", inputId: "i-1" }));
    expect(state.editor.text).toBe("and this");
  });

  test("a turn that the engine cannot run says why", () => {
    const { state } = play([type("go"), "enter", { ...settled, failure: "session busy" }]);
    expect(state.items.at(-1)).toEqual({ kind: "note", level: "error", text: "session busy" });
    expect(state.turn).toBeNull();
  });
});

describe("what was left", () => {
  const waiting = [
    { id: "w1", text: "first" },
    { id: "w2", text: "second" },
  ];
  const resume: TuiEffect = { type: "send", command: { type: "resume" } };

  test("a session that was left in the middle says so, and Enter on an empty line goes on with it", () => {
    const opening = { session, transcript: [], unfinished: "fix it", waiting };
    expect(texts(initialState(opening, "i")).slice(1)).toEqual([
      expect.stringContaining("Interrupted: “fix it”"),
      expect.stringContaining("“first”"),
      expect.stringContaining("“second”"),
    ]);
    expect(play(["enter"], { unfinished: "fix it", queued: waiting }).effects).toEqual([
      resume,
      { type: "continue-turn" },
    ]);
  });

  test.each<readonly (Key | KeyName | TuiAction)[]>([
    ["enter"],
    [type("/continue"), "enter"],
    [{ type: "go-on", atMs: 1 }],
  ])("inputs that wait are run one after the other when the person agrees", (...agreement) => {
    const { state, effects } = play([...agreement, turnEnd(), settled], { queued: waiting });
    expect(effects).toEqual([
      { type: "run-turn", prompt: "first", inputId: "w1" },
      { type: "run-turn", prompt: "second", inputId: "w2" },
    ]);
    expect(state.queued).toEqual([]);
  });

  test("Escape takes what waits back into the editor", () => {
    const { state, effects } = play(["escape"], { queued: waiting });
    expect(effects).toHaveLength(2);
    expect(state.editor.text).toBe("first\n\nsecond");
  });

  test("a new prompt instead leaves the interrupted turn as it is", () => {
    const { state, effects } = play([type("another"), "enter"], { unfinished: "fix it" });
    expect(effects).toEqual([{ type: "run-turn", prompt: "another", inputId: null }]);
    expect(state.unfinished).toBeNull();
  });

  test("/continue with nothing left says so", () => {
    const { state, effects } = play([type("/continue"), "enter"]);
    expect(effects).toEqual([]);
    expect(state.items.at(-1)).toMatchObject({ kind: "note", level: "info" });
  });
});

describe("the answer", () => {
  test("whole lines are printed as they come, the rest when something else follows", () => {
    const { state } = play([...running, delta("one\ntw"), delta("o\nthr"), delta("ee"), callStart("c1")]);
    expect(texts(state)).toEqual(["go", "one", "two", "three"]);
    expect(state.turn?.line).toBe("");
  });

  test("only the line that is being written stays live", () => {
    const { state } = play([...running, delta("x\n".repeat(1_000)), delta("y")]);
    expect(state.turn?.line).toBe("y");
  });

  test("blank lines before the answer are left out, those inside are kept", () => {
    expect(texts(play([...running, delta("\n\none\n\ntwo\n")]).state)).toEqual(["go", "one\n\ntwo"]);
  });

  test("a retracted answer that is not printed disappears", () => {
    const { state } = play([...running, delta("half a li"), { type: "text-retract" }, delta("whole"), turnEnd()]);
    expect(texts(state)).toEqual(["go", "whole", "0 ms · Koda itself 0 ms"]);
  });

  test("a retracted answer that is printed is said to be void", () => {
    const { state } = play([...running, delta("a line\n"), { type: "text-retract" }]);
    expect(state.items.at(-1)).toMatchObject({ kind: "note", level: "warning" });
  });

  test("nothing is lost: the text printed is the text that came, however it was cut", () => {
    const text = "alpha\nbeta\n\ngamma delta\nend";
    for (let size = 1; size <= text.length; size++) {
      const parts = text.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];
      const { state } = play([...running, ...parts.map(delta), turnEnd()]);
      expect(texts(state).slice(1, -1).join("\n")).toBe(text);
    }
  });
});

describe("tool calls", () => {
  test("a call is live while it runs, and printed with its outcome", () => {
    const live = play([...running, callStart("c1"), { type: "tool-output", callId: "c1", text: "hi\n" }]).state;
    expect(live.turn?.calls).toMatchObject([{ callId: "c1", output: "hi\n" }]);
    const done = reduce(live, { type: "event", event: callEnd("c1"), atMs: 9 }).state;
    expect(done.turn?.calls).toEqual([]);
    expect(done.items.at(-1)).toMatchObject({ kind: "call", call: { name: "Bash", outcome: "ok", text: "out" } });
  });

  const refused: EngineEvent = {
    type: "connection",
    callId: "c1",
    protocol: "socks5",
    host: "evil.example",
    port: 443,
    address: null,
    verdict: "refused",
    rule: null,
    reason: "no rule",
    bytesUp: 0,
    bytesDown: 0,
    durationMs: 0,
  };

  test("a refused connection stands under its call", () => {
    const { state } = play([...running, callStart("c1"), refused, callEnd("c1")]);
    expect(state.items.at(-1)).toMatchObject({ kind: "call", call: { refused: [{ host: "evil.example" }] } });
  });

  test("a refused connection of no running call is a note", () => {
    expect(play([refused]).state.items.at(-1)).toMatchObject({ kind: "note", level: "warning" });
  });

  test("events of unknown calls change nothing", () => {
    const before = play([...running]).state;
    const after = reduce(before, { type: "event", event: callEnd("nope"), atMs: 1 }).state;
    expect(after).toEqual(before);
  });
});

describe("questions", () => {
  const asked = [...running, callStart("c1"), request("q1")] as const;

  test.each<[string, TuiEffect]>([
    ["y", { type: "send", command: { type: "approve", requestId: "q1", scope: "once" } }],
    ["n", { type: "send", command: { type: "reject", requestId: "q1" } }],
    ["a", { type: "send", command: { type: "approve", requestId: "q1", scope: "always" } }],
  ])("%s answers", (letter, effect) => {
    const { state, effects } = play([...asked, type(letter)]);
    expect(effects.at(-1)).toEqual(effect);
    expect(state.questions).toEqual([]);
    expect(state.editor.text).toBe("");
  });

  test("always is not offered where no rule may widen the call", () => {
    const { state, effects } = play([...running, callStart("c1"), request("q1", null), type("a")]);
    expect(effects).toHaveLength(1);
    expect(state.questions).toHaveLength(1);
    expect(state.hint).not.toBe("");
  });

  test.each<Key | KeyName>(["enter", type("x"), type("yes"), { type: "paste", text: "y" }])(
    "%j is no answer",
    (key) => {
      const { state, effects } = play([...asked, key]);
      expect(effects).toHaveLength(1);
      expect(state.questions).toHaveLength(1);
    },
  );

  test("letters of a word that was being typed when the question came up are no answer", () => {
    const start = play([...running, callStart("c1")]).state;
    const typing = reduce(start, { type: "key", key: type("ver"), atMs: 10_000 }).state;
    const question = reduce(typing, { type: "event", event: request("q1"), atMs: 10_050 }).state;
    const { state, effects } = reduce(question, { type: "key", key: type("y"), atMs: 10_200 });
    expect(effects).toEqual([]);
    expect(state.editor.text).toBe("very");
    expect(reduce(state, { type: "key", key: type("y"), atMs: 12_000 }).effects).toHaveLength(1);
  });

  test("questions are answered one by one, in order", () => {
    const { effects } = play([...asked, request("q2"), type("y"), type("n")]);
    expect(effects.slice(-2)).toEqual([
      { type: "send", command: { type: "approve", requestId: "q1", scope: "once" } },
      { type: "send", command: { type: "reject", requestId: "q2" } },
    ]);
  });

  test("a question answered elsewhere disappears", () => {
    expect(play([...asked, { type: "approval-end", requestId: "q1", outcome: "approved" }]).state.questions).toEqual(
      [],
    );
  });

  test("a long question is printed whole before it is asked", () => {
    const long: EngineEvent = { ...request("q1"), subject: `ls${" ".repeat(700)}; rm -rf /` } as EngineEvent;
    expect(play([...running, callStart("c1"), long]).state.items.at(-1)).toMatchObject({ kind: "question" });
  });

  test("the step cap is a question, too", () => {
    const cap: EngineEvent = { type: "loop-cap-reached", requestId: "q9", steps: 200 };
    expect(play([...running, cap, type("y")]).effects.at(-1)).toEqual({
      type: "send",
      command: { type: "grant-steps", requestId: "q9", steps: 50 },
    });
  });
});

describe("stopping and leaving", () => {
  test.each<KeyName>(["interrupt", "escape"])("%s stops the turn, once", (key) => {
    const { effects } = play([...running, key, "escape"]);
    expect(effects.slice(1)).toEqual([{ type: "stop-turn" }]);
  });

  const ctrlC = (atMs: number): TuiAction => ({ type: "key", key: { type: "interrupt" }, atMs });

  test("Ctrl-C twice within 1.5 s leaves, and the first says so", () => {
    expect(play([ctrlC(1_000)]).state.hint).toBe("Press Ctrl-C again to leave");
    expect(play([ctrlC(1_000), ctrlC(2_500)]).effects).toEqual([{ type: "exit" }]);
  });

  test("later than that, or after another key, it is a first one again", () => {
    expect(play([ctrlC(1_000), ctrlC(2_501)]).effects).toEqual([]);
    expect(play([ctrlC(1_000), type("x"), ctrlC(1_500)]).effects).toEqual([]);
  });

  test("Ctrl-D leaves only when nothing is typed", () => {
    expect(play(["end-of-input"]).effects).toEqual([{ type: "exit" }]);
    expect(play([type("x"), "end-of-input"]).effects).toEqual([]);
  });

  test("Escape does nothing when no turn runs", () => {
    expect(play([type("x"), "escape"])).toMatchObject({ effects: [], state: { editor: { text: "x" } } });
  });
});

describe("modes", () => {
  const setMode = (mode: "plan" | "safe" | "auto"): TuiEffect => ({
    type: "send",
    command: { type: "set-mode", mode },
  });

  test.each([
    ["plan", "safe"],
    ["safe", "auto"],
    ["auto", "plan"],
  ] as const)("Shift+Tab goes from %s to %s", (from, to) => {
    expect(play(["cycle-mode"], { session: { ...session, mode: from } }).effects).toEqual([setMode(to)]);
  });

  test.each(["env-only", "none"] as const)(
    "auto is refused with enforcement %s, and the old mode stays",
    (enforcement) => {
      const { state, effects } = play(["cycle-mode"], { session: { ...session, enforcement } });
      expect(effects).toEqual([]);
      expect(state.session.mode).toBe("safe");
      expect(state.items.at(-1)).toMatchObject({ kind: "note", level: "warning" });
      expect(reduce(state, { type: "key", key: { type: "cycle-mode" }, atMs: 0 }).effects).toEqual([setMode("plan")]);
    },
  );

  test("the mode shown is the one the session says", () => {
    expect(play([{ type: "mode-changed", mode: "plan" }]).state.session.mode).toBe("plan");
  });
});

test("how full the context is is a percentage, unknown before the first reading", () => {
  expect(play([]).state.contextPercent).toBeNull();
  const usage: EngineEvent = { type: "context-usage", usedTokens: 34_400, maxTokens: 100_000, isEstimated: true };
  expect(play([usage]).state.contextPercent).toBe(34);
});

describe("commands", () => {
  test("an unknown one gives a hint and reaches nobody", () => {
    const { state, effects } = play([type("/nope"), "enter"]);
    expect(effects).toEqual([]);
    expect(state.items).toMatchObject([{ kind: "note", level: "warning" }]);
  });

  test.each<[string, TuiEffect]>([
    ["/exit", { type: "exit" }],
    ["/mode plan", { type: "send", command: { type: "set-mode", mode: "plan" } }],
    ["/model", { type: "list-models" }],
    ["/model m2", { type: "switch-model", model: "m2" }],
    ["/sessions", { type: "list-sessions" }],
    ["/sessions s2", { type: "open-session", id: "s2" }],
  ])("%s", (line, effect) => {
    expect(play([type(line), "enter"]).effects).toEqual([effect]);
  });

  test.each(["/model m2", "/sessions s2"])("%s waits for the turn to end", (line) => {
    const { state, effects } = play([...running, type(line), "enter"]);
    expect(effects).toHaveLength(1);
    expect(state.items.at(-1)).toMatchObject({ kind: "note", level: "warning" });
  });

  test("no prompt is sent while another session is being opened", () => {
    const { state, effects } = play([type("/sessions s2"), "enter", type("go"), "enter"]);
    expect(effects).toEqual([{ type: "open-session", id: "s2" }]);
    expect(state.editor.text).toBe("go");
    const ready = reduce(state, { type: "task-settled" }).state;
    expect(reduce(ready, { type: "key", key: { type: "enter" }, atMs: 0 }).effects).toEqual([
      { type: "run-turn", prompt: "go", inputId: null },
    ]);
  });

  test("a list is walked with the arrows and taken with Enter", () => {
    const choices = ["a", "b"].map((value) => ({ value, label: value }));
    const picker: TuiAction = { type: "picker", picker: { purpose: "session", choices, index: 0 } };
    expect(play([picker, "down", "down", "enter"]).effects).toEqual([{ type: "open-session", id: "b" }]);
    expect(play([picker, "escape"]).state.picker).toBeNull();
  });

  test("an opened session is printed below what is there", () => {
    const opened: TuiAction = {
      type: "session-opened",
      session: { ...session, id: "s2" },
      unfinished: null,
      waiting: [],
      transcript: [
        { role: "user", text: "hello" },
        { role: "tool", text: "noise", name: "Bash", argumentsJson: '{"command":"ls"}', outcome: "ok" },
        { role: "assistant", text: "hi" },
      ],
    };
    const { state } = play([{ type: "note", level: "info", text: "before" }, opened]);
    expect(texts(state)).toEqual(["before", "banner", "hello", "past-call", "hi"]);
    expect(state.session.id).toBe("s2");
  });
});
