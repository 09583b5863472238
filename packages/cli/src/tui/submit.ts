import type { TrustMode } from "@koda/core";
import { startTurn } from "./apply-event.ts";
import { emptyEditor, toEditor } from "./editor.ts";
import { remember } from "./prompt-history.ts";
import { helpText, parseSlashCommand, type SlashCommand } from "./slash-command.ts";
import { type Step, step } from "./step.ts";
import { type ViewState, withItems, withNote } from "./view-state.ts";

/** Enter: what is written is a command, a prompt, or, while a turn runs, a word for the model before its next step. */
export function submit(state: ViewState, atMs: number): Step {
  const text = state.editor.text.trim();
  if (text === "") return state.turn === null && state.waitingFor === "" ? goOn(state, atMs) : step(state);
  if (state.waitingFor !== "") return step({ ...state, hint: "One moment: not ready yet" });
  const cleared: ViewState = { ...state, editor: emptyEditor, history: remember(state.history, text), typedAtMs: null };
  const command = parseSlashCommand(text);
  if (command !== null) return runCommand(cleared, command, atMs);
  if (state.turn === null) return submitPrompt(cleared, { text, inputId: null }, atMs);
  const { seed, count } = state.inputs;
  const inputId = `${seed}-${count + 1}`;
  const queued: ViewState = {
    ...cleared,
    inputs: { seed, count: count + 1 },
    queued: [...state.queued, { id: inputId, text }],
  };
  const boundary = state.turn.isEnded || state.turn.isStopping ? "next-turn" : "this-turn";
  return step(queued, { type: "send", command: { type: "steer", text, inputId, boundary } });
}

export function submitPrompt(
  state: ViewState,
  { text, inputId }: { readonly text: string; readonly inputId: string | null },
  atMs: number,
): Step {
  const next = withItems({ ...state, turn: startTurn(atMs, inputId), unfinished: null }, { kind: "prompt", text });
  return step(next, { type: "run-turn", prompt: text, inputId });
}

/** Goes on with the turn that has no end, else with what waits. Nothing, where there is neither. */
export function goOn(state: ViewState, atMs: number): Step {
  const resume = { type: "send", command: { type: "resume" } } as const;
  if (state.unfinished !== null) {
    return step({ ...state, turn: startTurn(atMs, null), unfinished: null }, resume, { type: "continue-turn" });
  }
  return state.queued.length === 0 ? step(state) : runQueued(state, atMs);
}

/** The first of what is queued is the next prompt, under its own id: it is said once, whatever happens. */
export function runQueued(state: ViewState, atMs: number): Step {
  const [next, ...queued] = state.queued;
  return next === undefined
    ? step(state)
    : submitPrompt({ ...state, queued }, { text: next.text, inputId: next.id }, atMs);
}

/** Takes back what is queued and gives it to the editor, before what is written there. */
export function takeBack(state: ViewState): Step {
  const text = [...state.queued.map((input) => input.text), state.editor.text]
    .filter((part) => part !== "")
    .join("\n\n");
  const commands = state.queued.map(({ id }) => ({ type: "withdraw", inputId: id }) as const);
  return step(
    { ...state, queued: [], editor: toEditor(text) },
    ...commands.map((command) => ({ type: "send", command }) as const),
  );
}

/** Asks the session for a mode. Auto without a kernel that confines is refused here, with the reason; the mode stays. */
export function setMode(state: ViewState, mode: TrustMode): Step {
  const { enforcement, mode: current } = state.session;
  if (mode === "auto" && enforcement !== "kernel") {
    const reason = `Auto needs a kernel that confines commands; here enforcement is ${enforcement}. The mode stays ${current}.`;
    return step(withNote({ ...state, refusedMode: mode }, "warning", reason));
  }
  return step({ ...state, refusedMode: null }, { type: "send", command: { type: "set-mode", mode } });
}

/** Opens a session or changes to a model; no prompt is sent before that is done. */
export function choose(state: ViewState, purpose: "session" | "model", value: string): Step {
  return purpose === "session"
    ? step({ ...state, waitingFor: "opening the session" }, { type: "open-session", id: value })
    : step({ ...state, waitingFor: "changing the model" }, { type: "switch-model", model: value });
}

function runCommand(state: ViewState, command: SlashCommand, atMs: number): Step {
  switch (command.kind) {
    case "continue":
      if (state.turn !== null) return step(withNote(state, "warning", busy));
      if (state.unfinished === null && state.queued.length === 0)
        return step(withNote(state, "info", "Nothing was interrupted, and nothing waits."));
      return goOn(state, atMs);
    case "rewind":
      return state.turn === null ? step(state, { type: "rewind" }) : step(withNote(state, "warning", busy));
    case "compact":
      if (state.turn !== null) return step(withNote(state, "warning", busy));
      return step({ ...state, waitingFor: "summarising" }, { type: "compact" });
    case "help":
      return step(withNote(state, "info", helpText));
    case "exit":
      return step(state, { type: "exit" });
    case "unknown":
      return step(withNote(state, "warning", command.hint));
    case "mode": {
      const { mode, enforcement } = state.session;
      if (command.mode !== null) return setMode(state, command.mode);
      return step(
        withNote(state, "info", `Mode: ${mode} (enforcement: ${enforcement}). Shift+Tab or /mode NAME changes it.`),
      );
    }
    case "model":
      if (state.turn !== null) return step(withNote(state, "warning", busy));
      return command.model === null
        ? step({ ...state, waitingFor: "listing models" }, { type: "list-models" })
        : choose(state, "model", command.model);
    case "sessions":
      if (state.turn !== null) return step(withNote(state, "warning", busy));
      return command.id === null ? step(state, { type: "list-sessions" }) : choose(state, "session", command.id);
    default:
      return command satisfies never;
  }
}

const busy = "A turn is running: stop it first (Esc).";
