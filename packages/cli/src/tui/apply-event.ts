import type { EngineEvent, TurnOutcome } from "@koda/core";
import { formatDuration } from "./format.ts";
import { toPreview } from "./preview.ts";
import { printLines, printRest } from "./print-answer.ts";
import {
  type ApprovalQuestion,
  type FinishedCall,
  type LiveCall,
  type TurnView,
  type ViewState,
  withItems,
  withNote,
} from "./view-state.ts";

/** The screen after one event of the session. Events of calls or questions that are not known change nothing. */
export function applyEvent(state: ViewState, event: EngineEvent, atMs: number): ViewState {
  switch (event.type) {
    case "session-start":
    case "step-end":
      return state;
    case "turn-start":
      return state.turn === null ? { ...state, turn: startTurn(atMs, null) } : state;
    case "step-start":
      return withTurn(printRest(state), (turn) => ({ ...turn, hasPrinted: false, thinking: "", retry: "" }));
    case "text-delta":
      return withTurn(
        state,
        (turn) => ({ ...turn, thinking: "", retry: "", line: turn.line + event.text }),
        printLines,
      );
    case "thinking-delta":
      return withTurn(state, (turn) => ({ ...turn, thinking: (turn.thinking + event.text).slice(-maxThinking) }));
    case "text-retract":
      return applyRetract(state);
    case "retry":
      return withTurn(state, (turn) => ({
        ...turn,
        retry: `${event.reason}; trying again in ${formatDuration(event.waitMs)} (attempt ${event.attempt})`,
      }));
    case "tool-call-start": {
      const { callId, name, subject, effect, input } = event;
      const call: LiveCall = { callId, name, subject, effect, input, startedAtMs: atMs, output: "", refused: [] };
      return withTurn(printRest(state), (turn) => ({ ...turn, thinking: "", calls: [...turn.calls, call] }));
    }
    case "tool-output":
      return withCall(state, event.callId, (call) => ({
        ...call,
        output: (call.output + event.text).slice(-maxOutput),
      }));
    case "tool-call-end":
      return applyCallEnd(state, event);
    case "approval-request":
      return applyQuestion(printRest(state), {
        kind: "approval",
        request: event,
        preview: toPreview(state.turn?.calls.find(({ callId }) => callId === event.callId)?.input, event.subject),
      });
    case "approval-end":
      return withoutQuestion(state, event.requestId);
    case "loop-cap-reached": {
      const { requestId, steps } = event;
      return { ...printRest(state), questions: [...state.questions, { kind: "steps", requestId, steps }] };
    }
    case "connection":
      return applyConnection(state, event);
    case "usage":
      return {
        ...state,
        tokens: {
          input: state.tokens.input + event.inputTokens,
          output: state.tokens.output + event.outputTokens,
        },
      };
    case "mode-changed":
      return { ...state, session: { ...state.session, mode: event.mode }, refusedMode: null };
    case "model-changed":
      return { ...state, session: { ...state.session, model: event.model } };
    case "warning":
      return withNote(state, "warning", event.message);
    case "context-shrunk":
      return withNote(state, "info", toShrunkText(event));
    case "hook":
      return withNote(state, "warning", event.message);
    case "gap":
      return withNote(state, "warning", `${event.missed} events were too many to show`);
    case "state-changed":
      return withNote(state, "info", `The session is ${event.state}`);
    case "goal-achieved":
      return withNote(state, "info", `Goal reached: ${event.goal}`);
    case "audit":
      return event.severity === "info" ? state : withNote(state, "warning", `${event.action}: ${event.text}`);
    case "turn-end":
      return applyTurnEnd(state, event);
    case "input-accepted":
      return applyAccepted(state, event);
    case "context-usage": {
      const { usedTokens, maxTokens } = event;
      return { ...state, contextPercent: maxTokens > 0 ? Math.round((100 * usedTokens) / maxTokens) : null };
    }
    case "external-task":
    case "external-task-end":
    case "dead-letter":
    case "context-providers":
    case "tasks-updated":
    case "plan":
    case "plan-step-start":
    case "plan-step-end":
    case "goal-progress":
      return state;
    default:
      return event satisfies never;
  }
}

export function startTurn(atMs: number, inputId: string | null): TurnView {
  return {
    startedAtMs: atMs,
    inputId,
    isStopping: false,
    isEnded: false,
    hasFailed: false,
    line: "",
    hasPrinted: false,
    thinking: "",
    retry: "",
    calls: [],
  };
}

/** A question is answered, or is none any more. */
export function withoutQuestion(state: ViewState, requestId: string): ViewState {
  const questions = state.questions.filter((question) => requestIdOf(question) !== requestId);
  return { ...state, questions };
}

export function requestIdOf(question: ViewState["questions"][number]): string {
  return question.kind === "approval" ? question.request.requestId : question.requestId;
}

/** What was queued is part of the conversation now, and so is what somebody else has said. A prompt is printed already. */
function applyAccepted(
  state: ViewState,
  { inputId, text }: Extract<EngineEvent, { type: "input-accepted" }>,
): ViewState {
  const next = { ...state, queued: state.queued.filter(({ id }) => id !== inputId) };
  return state.turn?.inputId === inputId ? next : withItems(printRest(next), { kind: "prompt", text });
}

function applyRetract(state: ViewState): ViewState {
  const hasPrinted = state.turn?.hasPrinted === true;
  const next = withTurn(state, (turn) => ({ ...turn, line: "", hasPrinted: false }));
  return hasPrinted
    ? withNote(next, "warning", "The answer broke off and starts again; the lines above are void.")
    : next;
}

function applyCallEnd(state: ViewState, event: Extract<EngineEvent, { type: "tool-call-end" }>): ViewState {
  const live = state.turn?.calls.find(({ callId }) => callId === event.callId);
  if (live === undefined) return state;
  const { outcome, text, changes, durationMs } = event;
  const call: FinishedCall = { ...live, outcome, text, changes, durationMs };
  const next = withTurn(state, (turn) => ({ ...turn, calls: turn.calls.filter((other) => other !== live) }));
  const questions = next.questions.filter(
    (question) => question.kind !== "approval" || question.request.callId !== event.callId,
  );
  return withItems({ ...next, questions }, { kind: "call", call });
}

function applyQuestion(state: ViewState, question: ApprovalQuestion): ViewState {
  const next = { ...state, questions: [...state.questions, question] };
  return isLong(question) ? withItems(next, { kind: "question", question }) : next;
}

/** Too much for the live region: printed whole above it, so that nothing is decided unseen. */
export function isLong({ request, preview }: ApprovalQuestion): boolean {
  return request.subject.length + request.reason.length > maxQuestionText || preview.length > maxPreviewLines;
}

function applyConnection(state: ViewState, event: Extract<EngineEvent, { type: "connection" }>): ViewState {
  if (event.verdict !== "refused") return state;
  const isLive = state.turn?.calls.some(({ callId }) => callId === event.callId) === true;
  if (!isLive) return withNote(state, "warning", `refused ${event.host}:${event.port} — ${event.reason}`);
  return withCall(state, event.callId, (call) => ({ ...call, refused: [...call.refused, event].slice(-maxRefused) }));
}

function applyTurnEnd(state: ViewState, event: Extract<EngineEvent, { type: "turn-end" }>): ViewState {
  const printed = withTurn(printRest(state), (turn) => ({
    ...turn,
    isEnded: true,
    hasFailed: event.outcome.kind === "error" || event.outcome.kind === "paused",
    thinking: "",
    retry: "",
    calls: [],
  }));
  const next: ViewState = { ...printed, questions: [] };
  const { totalMs, ownMs } = event.timing;
  const time = `${formatDuration(totalMs)} · Koda itself ${formatDuration(ownMs)}`;
  switch (event.outcome.kind) {
    case "complete":
      return withItems(next, { kind: "turn-end", text: time });
    case "cancelled":
      return withNote(next, "warning", `Stopped after ${formatDuration(totalMs)}`);
    case "paused":
      return withNote(next, "warning", `Paused (${time})`);
    case "limit":
      return withNote(next, "warning", `${event.outcome.message} (${time})`);
    case "error":
      return withNote(next, "error", toErrorText(event.outcome));
    default:
      return event.outcome satisfies never;
  }
}

function toShrunkText({ step, beforeTokens, afterTokens }: Extract<EngineEvent, { type: "context-shrunk" }>): string {
  const what = step === "blanked" ? "old results are left out" : "its first part is summarised";
  return `The conversation was long: ${what} for the model (${beforeTokens} → ${afterTokens} tokens). The record is whole.`;
}

function toErrorText({ code, message }: Extract<TurnOutcome, { kind: "error" }>): string {
  return `${message} [${code}]`;
}

function withTurn(
  state: ViewState,
  change: (turn: TurnView) => TurnView,
  then: (state: ViewState) => ViewState = (same) => same,
): ViewState {
  return state.turn === null ? state : then({ ...state, turn: change(state.turn) });
}

function withCall(state: ViewState, callId: string | null, change: (call: LiveCall) => LiveCall): ViewState {
  return withTurn(state, (turn) => ({
    ...turn,
    calls: turn.calls.map((call) => (call.callId === callId ? change(call) : call)),
  }));
}

const maxThinking = 2_000;
const maxOutput = 2_000;
const maxRefused = 20;
/** Fits ten lines of 60 columns. */
const maxQuestionText = 600;
export const maxPreviewLines = 8;
