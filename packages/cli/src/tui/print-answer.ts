import { type TurnView, type ViewState, withItems } from "./view-state.ts";

/** Whole lines of the answer leave the live region, so that its cost does not grow with the answer. */
export function printLines(state: ViewState): ViewState {
  const { turn } = state;
  const end = turn?.line.lastIndexOf("\n") ?? -1;
  return turn === null || end === -1 ? state : print(state, turn, end);
}

/** All that is left of the answer is printed, before something else is. */
export function printRest(state: ViewState): ViewState {
  const { turn } = state;
  return turn === null || turn.line === "" ? state : print(state, turn, turn.line.length);
}

function print(state: ViewState, turn: TurnView, end: number): ViewState {
  const text = turn.hasPrinted ? turn.line.slice(0, end) : turn.line.slice(0, end).replace(/^\n+/, "");
  const next = {
    ...state,
    turn: { ...turn, line: turn.line.slice(end + 1), hasPrinted: turn.hasPrinted || text !== "" },
  };
  if (text === "" && !turn.hasPrinted) return next;
  return withItems(next, { kind: "answer", text, isFirst: !turn.hasPrinted });
}
