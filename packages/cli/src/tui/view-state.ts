import type {
  ApprovalRequest,
  ConnectionRecord,
  Enforcement,
  FileChange,
  ToolCallOutcome,
  ToolEffect,
  TrustMode,
} from "@koda/core";
import { type Editor, emptyEditor } from "./editor.ts";
import { type PromptHistory, toHistory } from "./prompt-history.ts";
import type { QueuedInput, TranscriptEntry } from "./tui-host.ts";

/** All that the screen shows, as data. Text in it is as it came: components escape it. */
export interface ViewState {
  readonly session: SessionFacts;
  /** Printed once, in order, and never again; only ever appended to. */
  readonly items: readonly Item[];
  /** Null when no turn runs. */
  readonly turn: TurnView | null;
  /** Unanswered; the first is on screen. */
  readonly questions: readonly Question[];
  /** Said and not yet accepted by a turn, in order; what an earlier process was told and did not do, too. */
  readonly queued: readonly QueuedInput[];
  /** Ids of what is said are this and a number. */
  readonly inputs: { readonly seed: string; readonly count: number };
  /** The prompt of the turn that was left without its end; null when there is none. */
  readonly unfinished: string | null;
  readonly editor: Editor;
  readonly history: PromptHistory;
  readonly picker: Picker | null;
  /** What no prompt can be sent before, such as another session being opened. Empty for nothing. */
  readonly waitingFor: string;
  /** One line below the prompt, until the next key. Empty for none. */
  readonly hint: string;
  readonly connectionsRefused: number;
  readonly tokens: { readonly input: number; readonly output: number };
  /** How full the model's context is, in percent; null until it is known. */
  readonly contextPercent: number | null;
  /** When Ctrl-C was pressed with nothing to stop. */
  readonly interruptedAtMs: number | null;
  /** When text was last typed while a turn ran; null after Enter. */
  readonly typedAtMs: number | null;
  /** The mode that Shift+Tab last asked for and did not get. */
  readonly refusedMode: TrustMode | null;
}

export interface SessionFacts {
  readonly id: string;
  readonly mode: TrustMode;
  readonly model: string;
  readonly enforcement: Enforcement;
  readonly projectRoot: string;
}

export type NoteLevel = "info" | "warning" | "error";

export type Item =
  | { readonly kind: "banner"; readonly session: SessionFacts }
  | { readonly kind: "prompt"; readonly text: string }
  /** Whole lines of an answer. */
  | { readonly kind: "answer"; readonly text: string; readonly isFirst: boolean }
  | { readonly kind: "call"; readonly call: FinishedCall }
  /** A call of an earlier run, in one line. */
  | { readonly kind: "past-call"; readonly name: string; readonly detail: string; readonly outcome: string }
  /** A question too long for the live region, printed whole. */
  | { readonly kind: "question"; readonly question: ApprovalQuestion }
  | { readonly kind: "note"; readonly level: NoteLevel; readonly text: string }
  | { readonly kind: "turn-end"; readonly text: string };

export interface TurnView {
  readonly startedAtMs: number;
  /** The queued input that is its prompt; null for one that was typed. */
  readonly inputId: string | null;
  readonly isStopping: boolean;
  /** True after `turn-end`, while the engine closes the turn. */
  readonly isEnded: boolean;
  /** True when it ended otherwise than it should: what was queued behind it is the person's again. */
  readonly hasFailed: boolean;
  /** The line of the answer that is still arriving. */
  readonly line: string;
  /** True once lines of this step's answer were printed. */
  readonly hasPrinted: boolean;
  /** The end of what the model thinks; empty for nothing. */
  readonly thinking: string;
  /** Why and when the model is asked again; empty when it is not. */
  readonly retry: string;
  readonly calls: readonly LiveCall[];
}

export interface LiveCall {
  readonly callId: string;
  readonly name: string;
  readonly subject: string;
  readonly effect: ToolEffect;
  readonly input: unknown;
  readonly startedAtMs: number;
  /** The last lines it wrote. */
  readonly output: string;
  readonly refused: readonly ConnectionRecord[];
}

export interface FinishedCall extends LiveCall {
  readonly outcome: ToolCallOutcome;
  readonly text: string;
  readonly changes: readonly FileChange[];
  readonly durationMs: number;
}

export type Question =
  | ApprovalQuestion
  | { readonly kind: "steps"; readonly requestId: string; readonly steps: number };

export interface ApprovalQuestion {
  readonly kind: "approval";
  readonly request: ApprovalRequest;
  /** What the call would do in detail, such as the lines an edit replaces. */
  readonly preview: readonly string[];
}

/** A list to choose from with the arrow keys. */
export interface Picker {
  readonly purpose: "session" | "model";
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  readonly index: number;
}

/** What is there of a session when it is opened. */
export interface Opening {
  readonly session: SessionFacts;
  readonly transcript: readonly TranscriptEntry[];
  readonly unfinished: string | null;
  /** What waits in it to be run. */
  readonly waiting: readonly QueuedInput[];
}

/** A session as it is opened: its past printed, nothing running. `seed` is like no other. */
export function initialState({ session, transcript, unfinished, waiting }: Opening, seed: string): ViewState {
  return {
    session,
    items: [{ kind: "banner", session }, ...toItems(transcript), ...toLeftNotes(unfinished, waiting)],
    turn: null,
    questions: [],
    queued: waiting,
    inputs: { seed, count: 0 },
    unfinished,
    editor: emptyEditor,
    history: toHistory(transcript.filter(({ role }) => role === "user").map(({ text }) => text)),
    picker: null,
    waitingFor: "",
    hint: "",
    connectionsRefused: 0,
    tokens: { input: 0, output: 0 },
    contextPercent: null,
    interruptedAtMs: null,
    typedAtMs: null,
    refusedMode: null,
  };
}

/** What an earlier process left, and how to go on with it. */
function toLeftNotes(unfinished: string | null, waiting: readonly QueuedInput[]): readonly Item[] {
  const note = (text: string): Item => ({ kind: "note", level: "warning", text });
  return [
    ...(unfinished === null ? [] : [note(`Interrupted: “${unfinished}”. ${toGoOn}`)]),
    ...waiting.map(({ text }) => note(`Not yet done: “${text}”. ${unfinished === null ? toGoOn : "It comes next"}`)),
  ];
}

const toGoOn = "Enter on an empty line, or /continue, goes on with it";

/** The past of a session; of a tool call, what was called and how it ended. */
export function toItems(transcript: readonly TranscriptEntry[]): readonly Item[] {
  return transcript.flatMap(({ role, text, name, argumentsJson = "", outcome = "" }): readonly Item[] => {
    if (role === "tool") return name === undefined ? [] : [{ kind: "past-call", name, detail: argumentsJson, outcome }];
    if (text === "") return [];
    return [role === "user" ? { kind: "prompt", text } : { kind: "answer", text, isFirst: true }];
  });
}

export function withItems(state: ViewState, ...items: readonly Item[]): ViewState {
  return items.length === 0 ? state : { ...state, items: [...state.items, ...items] };
}

export function withNote(state: ViewState, level: NoteLevel, text: string): ViewState {
  return withItems(state, { kind: "note", level, text });
}
