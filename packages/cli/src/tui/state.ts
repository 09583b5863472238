import type { EngineEvent } from "@koda/core";
import { applyEvent } from "./apply-event.ts";
import { applyKey } from "./apply-key.ts";
import { toEditor } from "./editor.ts";
import type { Key } from "./key.ts";
import { type Step, step } from "./step.ts";
import { submitPrompt } from "./submit.ts";
import type { TranscriptEntry } from "./tui-host.ts";
import {
  initialState,
  type NoteLevel,
  type Picker,
  type SessionFacts,
  type ViewState,
  withNote,
} from "./view-state.ts";

/** All that can happen to the screen. */
export type TuiAction =
  | { readonly type: "event"; readonly event: EngineEvent; readonly atMs: number }
  | { readonly type: "key"; readonly key: Key; readonly atMs: number }
  /** The engine is done with a turn. `failure` is what it threw, in words. */
  | { readonly type: "turn-settled"; readonly failure: string | null; readonly atMs: number }
  | { readonly type: "session-opened"; readonly session: SessionFacts; readonly transcript: readonly TranscriptEntry[] }
  /** Mode or model, read again after a command. */
  | { readonly type: "session-changed"; readonly session: SessionFacts }
  /** What was waited for is over, well or not. */
  | { readonly type: "task-settled" }
  | { readonly type: "note"; readonly level: NoteLevel; readonly text: string }
  | { readonly type: "connections-counted"; readonly refused: number }
  | { readonly type: "picker"; readonly picker: Picker };

/** The next screen, and what to do. Pure: the clock is in the action. */
export function reduce(state: ViewState, action: TuiAction): Step {
  switch (action.type) {
    case "event":
      return step(applyEvent(state, action.event, action.atMs));
    case "key":
      return applyKey(state, action.key, action.atMs);
    case "turn-settled":
      return applySettled(state, action);
    case "session-opened":
      return step(applyOpened(state, action));
    case "session-changed":
      return step({ ...state, session: action.session });
    case "task-settled":
      return step({ ...state, waitingFor: "" });
    case "note":
      return step(withNote(state, action.level, action.text));
    case "connections-counted":
      return step({ ...state, connectionsRefused: action.refused });
    case "picker":
      return step({ ...state, picker: action.picker });
    default:
      return action satisfies never;
  }
}

/** What was queued and not read becomes the next prompt; where the turn failed, it goes back to the editor. */
function applySettled(state: ViewState, { failure, atMs }: Extract<TuiAction, { type: "turn-settled" }>): Step {
  const settled: ViewState = { ...state, turn: null, questions: [], queued: [], typedAtMs: null };
  const unread = state.queued.join("\n\n");
  if (failure !== null) {
    const text = [unread, state.editor.text].filter((part) => part !== "").join("\n\n");
    return step(withNote({ ...settled, editor: toEditor(text) }, "error", failure));
  }
  return unread === "" ? step(settled) : submitPrompt(settled, unread, atMs);
}

/** What was printed stays; the other session is printed below it. */
function applyOpened(state: ViewState, action: Extract<TuiAction, { type: "session-opened" }>): ViewState {
  const opened = initialState(action.session, action.transcript);
  return { ...opened, items: [...state.items, ...opened.items] };
}
