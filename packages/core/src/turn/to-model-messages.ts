import type { ModelMessage } from "../ports/llm-provider.ts";
import type { AssistantContent, Entry } from "../store/entry.ts";
import type { ToolCallRecord, ToolOrigin } from "../store/tool-call-record.ts";

/**
 * The conversation as a model is given it; conversion happens nowhere else. Every call has exactly one result, right
 * after the message that asked for it and in the order of the calls; no result is without its call. What was finished
 * gives its recorded result, as `label` puts it; what was not says so.
 */
export function toModelMessages(
  entries: readonly Entry[],
  calls: ReadonlyMap<string, ToolCallRecord>,
  label: LabelResult = (text) => text,
): readonly ModelMessage[] {
  return entries.flatMap(({ content }): readonly ModelMessage[] => {
    switch (content.kind) {
      case "user":
        return [{ role: "user", text: content.text }];
      case "assistant":
        return fromAssistant(content, calls, label);
      // A summary stands at the head of a view, and is put there by whoever makes the view.
      case "summary":
      case "turn-end":
        return [];
      default:
        return content satisfies never;
    }
  });
}

/** A recorded result as the model is to read it. The same input gives the same bytes. */
export type LabelResult = (text: string, from: { readonly origin: ToolOrigin; readonly source: string }) => string;

function fromAssistant(
  content: AssistantContent,
  calls: ReadonlyMap<string, ToolCallRecord>,
  label: LabelResult,
): readonly ModelMessage[] {
  if (!content.isComplete) {
    return content.text === "" ? [] : [{ role: "assistant", text: content.text + cutNote, toolCalls: [] }];
  }
  if (content.text === "" && content.toolCalls.length === 0) return [];
  return [
    { role: "assistant", text: content.text, toolCalls: content.toolCalls },
    ...content.toolCalls.map(({ callId }) => toResult(callId, calls.get(callId), label)),
  ];
}

function toResult(callId: string, call: ToolCallRecord | undefined, label: LabelResult): ModelMessage {
  if (call?.result) {
    const { text: said, origin, outcome } = call.result;
    const text = label(said, { origin, source: call.name });
    return { role: "tool", callId, text, isError: outcome !== "ok" };
  }
  return { role: "tool", callId, text: mayHaveRun(call) ? interruptedNote : notRunNote, isError: true };
}

/**
 * One that was to run at once may have run although its start is not on record: a store that failed for a moment does not
 * keep a session from working.
 */
export function mayHaveRun(call: ToolCallRecord | undefined): boolean {
  return call?.state === "started" || (call?.state === "decided" && call.decision?.kind === "run");
}

const cutNote = "\n\n[This answer was cut off here.]";
const interruptedNote =
  "[This call was interrupted, its outcome is unknown: it may have happened in full, in part, or not at all. Check before you repeat it.]";
const notRunNote = "[This call was not run: the turn ended before it started.]";
