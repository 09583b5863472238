import { expect, test } from "vitest";
import type { EngineEvent } from "./engine-event.ts";
import { findGrammarFault } from "./turn-grammar.ts";

const start = (isContinued = false): EngineEvent => ({
  type: "turn-start",
  turnId: "t",
  turnNumber: 1,
  prompt: "go",
  isContinued,
});
const timing = { totalMs: 0, modelMs: 0, toolMs: 0, waitMs: 0, ownMs: 0 };
const end: EngineEvent = { type: "turn-end", turnId: "t", outcome: { kind: "cancelled" }, timing };
const stepStart = (step: number): EngineEvent => ({ type: "step-start", step });
const stepEnd = (step: number): EngineEvent => ({ type: "step-end", step });
const say: EngineEvent = { type: "text-delta", text: "a" };
const print = (callId: string): EngineEvent => ({ type: "tool-output", callId, text: "a" });
const facts = { name: "Bash", subject: "ls", effect: "read-only" as const };
const callStart = (callId: string): EngineEvent => ({ type: "tool-call-start", callId, input: {}, ...facts });
const callEnd = (callId: string): EngineEvent => ({
  type: "tool-call-end",
  callId,
  outcome: "ok",
  text: "",
  changes: [],
  durationMs: 0,
  origin: "koda",
});
const ask = (callId: string): EngineEvent => ({
  type: "approval-request",
  requestId: `ask_${callId}`,
  callId,
  reason: "safe",
  alwaysRule: null,
  ...facts,
});
const answer = (callId: string): EngineEvent => ({
  type: "approval-end",
  requestId: `ask_${callId}`,
  outcome: "approved",
});
const task = (callId: string): EngineEvent => ({
  type: "external-task",
  taskId: callId,
  callId,
  lane: "execute",
  name: "Bash",
  input: {},
  deadlineMs: 1,
});
const taskEnd = (taskId: string): EngineEvent => ({ type: "external-task-end", taskId, outcome: "completed" });
const cap: EngineEvent = { type: "loop-cap-reached", requestId: "steps", steps: 1 };
const notice: EngineEvent = { type: "mode-changed", mode: "plan" };

test.each<[string, EngineEvent[]]>([
  ["a turn without a step", [start(), end]],
  [
    "text in steps, questions between them",
    [start(), stepStart(1), say, stepEnd(1), cap, stepStart(2), stepEnd(2), end],
  ],
  [
    "a continued turn that begins with a later step",
    [start(true), stepStart(3), stepEnd(3), stepStart(4), stepEnd(4), end],
  ],
  [
    "calls that overlap",
    [start(), stepStart(1), callStart("a"), callStart("b"), print("a"), callEnd("b"), callEnd("a"), stepEnd(1), end],
  ],
  [
    "a call that is asked about and done elsewhere",
    [
      start(),
      stepStart(1),
      callStart("a"),
      ask("a"),
      answer("a"),
      task("a"),
      taskEnd("a"),
      callEnd("a"),
      stepEnd(1),
      end,
    ],
  ],
  ["notices anywhere", [start(), notice, stepStart(1), notice, callStart("a"), notice, callEnd("a"), stepEnd(1), end]],
  ["anything after a gap", [start(), stepStart(1), { type: "gap", missed: 3 }, callEnd("b"), end]],
])("%s fits", (_what, events) => {
  expect(findGrammarFault(events)).toBeNull();
});

test.each<[string, EngineEvent[]]>([
  ["nothing", []],
  ["a turn without its start", [stepStart(1), stepEnd(1), end]],
  ["a turn without its end", [start()]],
  ["a second start", [start(), start(), end]],
  ["anything after the end", [start(), end, notice]],
  ["an end inside a step", [start(), stepStart(1), end]],
  ["a step inside a step", [start(), stepStart(1), stepStart(2), stepEnd(2), stepEnd(1), end]],
  ["the end of another step", [start(), stepStart(1), stepEnd(2), end]],
  ["a first step that is not 1", [start(), stepStart(2), stepEnd(2), end]],
  ["a step that is left out", [start(), stepStart(1), stepEnd(1), stepStart(3), stepEnd(3), end]],
  ["text outside a step", [start(), say, end]],
  ["a call outside a step", [start(), callStart("a"), callEnd("a"), end]],
  ["a question of the turn inside a step", [start(), stepStart(1), cap, stepEnd(1), end]],
  ["a call that never ends", [start(), stepStart(1), callStart("a"), stepEnd(1), end]],
  ["a call that ends twice", [start(), stepStart(1), callStart("a"), callEnd("a"), callEnd("a"), stepEnd(1), end]],
  [
    "a call id that is used again",
    [start(), stepStart(1), callStart("a"), callEnd("a"), callStart("a"), callEnd("a"), stepEnd(1), end],
  ],
  [
    "output of a call that has ended",
    [start(), stepStart(1), callStart("a"), callEnd("a"), print("a"), stepEnd(1), end],
  ],
  ["a question that is not answered", [start(), stepStart(1), callStart("a"), ask("a"), callEnd("a"), stepEnd(1), end]],
  ["an answer without a question", [start(), stepStart(1), callStart("a"), answer("a"), callEnd("a"), stepEnd(1), end]],
  ["a task that never ends", [start(), stepStart(1), callStart("a"), task("a"), callEnd("a"), stepEnd(1), end]],
])("%s does not", (_what, events) => {
  expect(findGrammarFault(events)).not.toBeNull();
});
