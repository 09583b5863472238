import type { TrustMode } from "@koda/core";
import { startTurn } from "./apply-event.ts";
import { emptyEditor } from "./editor.ts";
import { remember } from "./prompt-history.ts";
import { helpText, parseSlashCommand, type SlashCommand } from "./slash-command.ts";
import { type Step, step } from "./step.ts";
import { type ViewState, withItems, withNote } from "./view-state.ts";

/** Enter: what is written is a command, a prompt, or, while a turn runs, a word for the model before its next step. */
export function submit(state: ViewState, atMs: number): Step {
  const text = state.editor.text.trim();
  if (text === "") return step(state);
  if (state.waitingFor !== "") return step({ ...state, hint: "One moment: not ready yet" });
  const cleared: ViewState = { ...state, editor: emptyEditor, history: remember(state.history, text), typedAtMs: null };
  const command = parseSlashCommand(text);
  if (command !== null) return runCommand(cleared, command);
  if (state.turn === null) return submitPrompt(cleared, text, atMs);
  const queued: ViewState = { ...cleared, queued: [...state.queued, text] };
  const isOver = state.turn.isEnded || state.turn.isStopping;
  return isOver ? step(queued) : step(queued, { type: "send", command: { type: "steer", text } });
}

export function submitPrompt(state: ViewState, prompt: string, atMs: number): Step {
  const next = withItems({ ...state, turn: startTurn(atMs) }, { kind: "prompt", text: prompt });
  return step(next, { type: "run-turn", prompt });
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

function runCommand(state: ViewState, command: SlashCommand): Step {
  switch (command.kind) {
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
