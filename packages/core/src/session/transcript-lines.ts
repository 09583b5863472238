import type { Entry } from "../store/entry.ts";
import type { ToolCallOutcome, ToolCallRecord } from "../store/tool-call-record.ts";

/** One piece of a conversation for showing it again. The text is as it came: escape it before it meets a terminal. */
export type TranscriptLine =
  | { readonly role: "user"; readonly text: string }
  | { readonly role: "assistant"; readonly text: string; readonly isComplete: boolean }
  | {
      readonly role: "tool";
      readonly name: string;
      readonly argumentsJson: string;
      /** `unknown`: it started, and nobody saw its end. `not-run`: the turn ended before it started. */
      readonly outcome: ToolCallOutcome | "unknown" | "not-run";
      readonly text: string;
    };

/** The entries of a session in the order in which a reader wants them. Notes of the engine are left out. */
export function toTranscriptLines(
  entries: readonly Entry[],
  calls: ReadonlyMap<string, ToolCallRecord>,
): readonly TranscriptLine[] {
  return entries.flatMap(({ content }): readonly TranscriptLine[] => {
    if (content.kind === "turn-end" || content.kind === "summary") return [];
    if (content.kind === "user" && content.source === "guard") return [];
    if (content.kind === "user") return [{ role: "user", text: content.text }];
    const said: TranscriptLine = { role: "assistant", text: content.text, isComplete: content.isComplete };
    return [
      ...(content.text === "" ? [] : [said]),
      ...content.toolCalls.map(({ callId, name, argumentsJson }): TranscriptLine => {
        const call = calls.get(callId);
        const outcome = call?.result?.outcome ?? (call?.state === "started" ? "unknown" : "not-run");
        return { role: "tool", name, argumentsJson, outcome, text: call?.result?.text ?? "" };
      }),
    ];
  });
}
