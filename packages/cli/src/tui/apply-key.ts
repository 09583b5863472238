import { trustModes } from "@koda/core";
import { answerQuestion } from "./answer-question.ts";
import { edit, emptyEditor, toEditor } from "./editor.ts";
import type { Key } from "./key.ts";
import { recall } from "./prompt-history.ts";
import { type Step, step } from "./step.ts";
import { choose, setMode, submit, takeBack } from "./submit.ts";
import type { Picker, ViewState } from "./view-state.ts";

/** The screen after one key, and what the key asks for. */
export function applyKey(before: ViewState, key: Key, atMs: number): Step {
  if (key.type === "interrupt") return applyInterrupt(before, atMs);
  const state: ViewState = { ...before, hint: "", interruptedAtMs: null };
  if (state.picker !== null) return applyToPicker(state, state.picker, key);
  switch (key.type) {
    case "escape":
      return stopTurn(state);
    case "cycle-mode":
      return setMode(state, nextMode(state));
    case "end-of-input":
      return state.editor.text === ""
        ? step(state, { type: "exit" })
        : step({ ...state, editor: edit(state.editor, { type: "delete" }) ?? state.editor });
    default:
      return answerQuestion(state, key, atMs) ?? applyToEditor(state, key, atMs);
  }
}

/** Stops the turn, if one runs. What is queued goes back to the editor: nobody has read it. */
function stopTurn(before: ViewState): Step {
  const { state, effects } = before.queued.length === 0 ? step(before) : takeBack(before);
  const { turn } = state;
  if (turn === null || turn.isStopping) return { state, effects };
  const stopping = { ...state, turn: { ...turn, isStopping: true }, questions: [] };
  return step(stopping, ...effects, { type: "stop-turn" });
}

/** Ctrl-C: stops a turn; with none, or one that does not stop, the second press in time leaves. */
function applyInterrupt(state: ViewState, atMs: number): Step {
  if (state.picker !== null) return step({ ...state, picker: null });
  if (state.turn !== null && !state.turn.isStopping) return stopTurn({ ...state, hint: "" });
  const { interruptedAtMs } = state;
  if (interruptedAtMs !== null && atMs - interruptedAtMs <= leaveWithinMs) return step(state, { type: "exit" });
  return step({ ...state, editor: emptyEditor, interruptedAtMs: atMs, hint: "Press Ctrl-C again to leave" });
}

function applyToEditor(state: ViewState, key: Key, atMs: number): Step {
  const typedAtMs = key.type === "text" && state.turn !== null ? atMs : state.typedAtMs;
  const editor = edit(state.editor, key);
  if (editor !== null) return step({ ...state, editor, typedAtMs });
  if (key.type === "enter") return submit(state, atMs);
  if (key.type !== "up" && key.type !== "down") return step(state);
  const recalled = recall(state.history, key.type === "up" ? "older" : "newer", state.editor.text);
  return step(recalled === null ? state : { ...state, history: recalled.history, editor: toEditor(recalled.text) });
}

function applyToPicker(state: ViewState, picker: Picker, key: Key): Step {
  const { choices, index, purpose } = picker;
  switch (key.type) {
    case "up":
      return step({ ...state, picker: { ...picker, index: Math.max(0, index - 1) } });
    case "down":
      return step({ ...state, picker: { ...picker, index: Math.min(choices.length - 1, index + 1) } });
    case "enter": {
      const value = choices[index]?.value;
      const closed: ViewState = { ...state, picker: null };
      if (value === undefined) return step(closed);
      return choose(closed, purpose, value);
    }
    case "escape":
    case "end-of-input":
      return step({ ...state, picker: null });
    default:
      return step(state);
  }
}

/** A mode that was asked for and refused is passed over the next time, so that the circle closes. */
function nextMode({ session, refusedMode }: ViewState): ViewState["session"]["mode"] {
  const index = trustModes.indexOf(refusedMode ?? session.mode);
  return trustModes[(index + 1) % trustModes.length] ?? session.mode;
}

const leaveWithinMs = 1_500;
