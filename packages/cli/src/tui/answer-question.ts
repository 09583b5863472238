import { requestIdOf, withoutQuestion } from "./apply-event.ts";
import type { Key } from "./key.ts";
import { type Step, step } from "./step.ts";
import { type Question, type ViewState, withNote } from "./view-state.ts";

/**
 * A key while a question is on screen. Null when there is none, or when the key belongs to the editor: pasted text, keys
 * that move in it, and letters that go on with what a person was typing when the question came up, since a word with a
 * "y" in it is no consent.
 */
export function answerQuestion(state: ViewState, key: Key, atMs: number): Step | null {
  const [question] = state.questions;
  if (question === undefined) return null;
  if (key.type === "enter") return step({ ...state, hint: hintFor(question) });
  if (key.type !== "text") return null;
  if (state.typedAtMs !== null && atMs - state.typedAtMs < typingPauseMs) return null;
  const answered = withoutQuestion(state, requestIdOf(question));
  const letter = key.text.toLowerCase();
  if (question.kind === "steps") return answerSteps(state, answered, question, letter);
  const { requestId, alwaysRule } = question.request;
  switch (letter) {
    case "y":
      return step(answered, { type: "send", command: { type: "approve", requestId, scope: "once" } });
    case "n":
      return step(answered, { type: "send", command: { type: "reject", requestId } });
    case "a":
      if (alwaysRule === null) return step({ ...state, hint: "No rule may allow this for ever: y or n" });
      return step(withNote(answered, "info", `Always allowed in this project: ${alwaysRule}`), {
        type: "send",
        command: { type: "approve", requestId, scope: "always" },
      });
    default:
      return step({ ...state, hint: hintFor(question) });
  }
}

function answerSteps(
  state: ViewState,
  answered: ViewState,
  question: Question & { kind: "steps" },
  letter: string,
): Step {
  const steps = stepsByLetter.get(letter);
  if (steps === undefined) return step({ ...state, hint: hintFor(question) });
  return step(answered, { type: "send", command: { type: "grant-steps", requestId: question.requestId, steps } });
}

const stepsByLetter: ReadonlyMap<string, 0 | 50 | 200> = new Map([
  ["n", 0],
  ["y", 50],
  ["a", 200],
]);

function hintFor(question: Question): string {
  return question.kind === "approval" && question.request.alwaysRule === null ? "Press y or n" : "Press y, n or a";
}

/** Shorter than the pause of a person who has read a question, longer than that between two letters. */
const typingPauseMs = 700;
