import type { ScriptStep, ScriptToolCall } from "@koda/providers/testing";
import type { WireMessage } from "./wire-message.ts";
import { type Action, createTask, lookLines, readTaskNumber, type Task } from "./workload.ts";

/**
 * The model: it knows nothing but the request. It asks for what the last task still wants, step by step, and then says
 * that it is done. A call whose outcome is unknown it makes again, after a look where a look can tell.
 */
export function answerAs(messages: readonly WireMessage[]): ScriptStep {
  const start = messages.findLastIndex(
    (message) => message.role === "user" && readTaskNumber(message.content) !== null,
  );
  const prompt = messages[start];
  const number = prompt?.role === "user" ? readTaskNumber(prompt.content) : null;
  if (number === null) return { text: "I know no such task." };
  const task = createTask(number);
  const calls = pairCalls(messages.slice(start + 1));
  const step = task.steps.find(({ actions }) => actions.some((action) => judge(action, calls).kind !== "done"));
  if (step === undefined) return { text: task.answer, ...inThought(task), delayMs: task.wordDelayMs };
  return {
    text: step.text,
    delayMs: 3,
    toolCalls: step.actions.flatMap((action) => toCall(action, judge(action, calls))),
  };
}

/** What became of an action: it is done, wants doing, or wants a look first. */
type Judgement =
  | { readonly kind: "done" }
  | { readonly kind: "wanted"; readonly attempt: number }
  | { readonly kind: "unclear"; readonly path: string };

interface MadeCall {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly result: string;
}

function judge(action: Action, calls: readonly MadeCall[]): Judgement {
  let judgement: Judgement = { kind: "wanted", attempt: 1 };
  let attempt = 1;
  for (const call of calls) {
    if (judgement.kind === "unclear") {
      const isLook = call.name === "Read" && call.input["path"] === judgement.path && call.input["limit"] === lookLines;
      if (!isLook || call.result.startsWith("[This call was")) continue;
      if (action.evidence !== null && call.result.includes(action.evidence.words)) return { kind: "done" };
      judgement = { kind: "wanted", attempt };
    } else if (isSame(action, call)) {
      if (action.isDone(call.result)) return { kind: "done" };
      attempt += 1;
      const wantsLook = action.evidence !== null && !call.result.startsWith("[This call was not run");
      judgement =
        wantsLook && action.evidence !== null
          ? { kind: "unclear", path: action.evidence.path }
          : { kind: "wanted", attempt };
    }
  }
  return judgement;
}

function toCall(action: Action, judgement: Judgement): readonly ScriptToolCall[] {
  switch (judgement.kind) {
    case "done":
      return [];
    case "unclear":
      return [{ name: "Read", arguments: { path: judgement.path, limit: lookLines } }];
    case "wanted": {
      // Otherwise a command that is killed time and again would pass for a model that turns in circles.
      const note = action.name === "Bash" ? { description: `attempt ${judgement.attempt}` } : {};
      return [{ name: action.name, arguments: { ...action.input, ...note } }];
    }
    default:
      return judgement satisfies never;
  }
}

function isSame(action: Action, { name, input }: MadeCall): boolean {
  const { description: _, ...wanted } = input;
  return name === action.name && JSON.stringify(wanted) === JSON.stringify(action.input);
}

function pairCalls(messages: readonly WireMessage[]): readonly MadeCall[] {
  const results = new Map(
    messages.flatMap((message) => (message.role === "tool" ? [[message.tool_call_id, message.content] as const] : [])),
  );
  return messages.flatMap((message) =>
    message.role !== "assistant"
      ? []
      : (message.tool_calls ?? []).map(({ id, function: { name, arguments: written } }) => ({
          name,
          input: JSON.parse(written),
          result: results.get(id) ?? "",
        })),
  );
}

const inThought = ({ thinking }: Task): Pick<ScriptStep, "thinking"> => (thinking === "" ? {} : { thinking });
