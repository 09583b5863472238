import type { EngineEvent } from "@koda/core";
import { applyEvent } from "./apply-event.ts";
import { applyKey } from "./apply-key.ts";
import { toEditor } from "./editor.ts";
import type { Key } from "./key.ts";
import { type Step, step } from "./step.ts";
import { goOn, runQueued, takeBack } from "./submit.ts";
import {
  initialState,
  type NoteLevel,
  type Opening,
  type Picker,
  type SessionFacts,
  type ViewState,
  withNote,
} from "./view-state.ts";

/** All that can happen to the screen. */
export type TuiAction =
  | { readonly type: "event"; readonly event: EngineEvent; readonly atMs: number }
  | { readonly type: "key"; readonly key: Key; readonly atMs: number }
  /** The engine is done with a turn. `failure` is what it threw, in words; `unfinished` the prompt, if it has no end. */
  | {
      readonly type: "turn-settled";
      readonly failure: string | null;
      readonly unfinished: string | null;
      readonly atMs: number;
    }
  /** What was left in the middle is to go on. */
  | { readonly type: "go-on"; readonly atMs: number }
  | ({ readonly type: "session-opened" } & Opening)
  /** Mode or model, read again after a command. */
  | { readonly type: "session-changed"; readonly session: SessionFacts }
  /** The session is before its last prompt; null where there was none. */
  | { readonly type: "rewound"; readonly prompt: string | null }
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
    case "go-on":
      return goOn(state, action.atMs);
    case "session-opened":
      return step(applyOpened(state, action));
    case "session-changed":
      return step({ ...state, session: action.session });
    case "rewound":
      return step(applyRewound(state, action.prompt));
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
function applySettled(
  state: ViewState,
  { failure, unfinished, atMs }: Extract<TuiAction, { type: "turn-settled" }>,
): Step {
  const settled: ViewState = { ...state, turn: null, questions: [], typedAtMs: null, unfinished };
  const told = failure === null ? settled : withNote(settled, "error", failure);
  if (state.queued.length === 0) return step(told);
  const hasFailed = failure !== null || unfinished !== null || state.turn?.hasFailed === true;
  return hasFailed ? takeBack(told) : runQueued(told, atMs);
}

/** The prompt is in the editor, to be said otherwise. */
function applyRewound(state: ViewState, prompt: string | null): ViewState {
  if (prompt === null) return withNote(state, "info", "Nothing was said yet.");
  const back: ViewState = { ...state, editor: toEditor(prompt), unfinished: null, contextPercent: null };
  return withNote(back, "info", "Gone back to before the last prompt, which is in the editor. Files are as they are.");
}

/** What was printed stays; the other session is printed below it. */
function applyOpened(state: ViewState, opening: Opening): ViewState {
  const opened = initialState(opening, state.inputs.seed);
  return { ...opened, items: [...state.items, ...opened.items], inputs: state.inputs };
}
