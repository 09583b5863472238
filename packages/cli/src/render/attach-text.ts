import { type AttachItem, type EngineEvent, toTranscriptLines } from "@koda/core";
import { escapeLine, escapeText } from "./escape-text.ts";
import type { Paint } from "./paint.ts";
import { toProgressLine } from "./text.ts";

/** What is said in a session, for somebody who looks on. Empty for what has nothing to show. */
export function toAttachText(item: AttachItem, paint: Paint): string {
  switch (item.kind) {
    case "state":
      return toStateText(item, paint);
    case "event":
      return toEventText(item.event, paint);
    case "gap":
      return paint.yellow(`\nkoda: ${item.missed} events were missed\n`);
    case "owner-gone":
      return paint.yellow("\nkoda: nobody has this session open; what it does next will show here\n");
    default:
      return item satisfies never;
  }
}

function toStateText(item: Extract<AttachItem, { kind: "state" }>, paint: Paint): string {
  const calls = new Map(item.calls.map((call) => [call.callId, call]));
  const lines = toTranscriptLines(item.entries, calls).map((line) => {
    switch (line.role) {
      case "tool":
        return paint.dim(`  ${escapeLine(line.name)}: ${line.outcome}`);
      case "user":
        return toPromptLine(line.text, paint);
      case "assistant":
        return escapeText(line.text);
      default:
        return line satisfies never;
    }
  });
  const questions = item.openWaits.map(({ kind }) => paint.yellow(`koda: an open ${kind} waits for its answer`));
  // The rest of the draft follows as text, on its line.
  return [...lines, ...questions, item.draft === null ? "" : escapeText(item.draft.text)].join("\n");
}

function toEventText(event: EngineEvent, paint: Paint): string {
  switch (event.type) {
    case "text-delta":
      return escapeText(event.text);
    case "turn-start":
      return `\n${toPromptLine(event.prompt, paint)}\n`;
    case "input-accepted":
      return `\n${toPromptLine(event.text, paint)}\n`;
    case "text-retract":
      return `\n${paint.yellow("koda: the answer broke off and starts again")}\n`;
    case "approval-request":
      return `\n${paint.yellow(`koda: asks for approval of ${event.name}: ${escapeLine(event.reason)}`)}\n`;
    case "turn-end":
      return `\n${toEndLine(event.outcome, paint)}\n`;
    default: {
      const line = toProgressLine(event, paint);
      return line === null ? "" : `\n${line}\n`;
    }
  }
}

function toEndLine(outcome: Extract<EngineEvent, { type: "turn-end" }>["outcome"], paint: Paint): string {
  switch (outcome.kind) {
    case "complete":
    case "cancelled":
    case "paused":
      return paint.dim(`koda: the turn is ${outcome.kind}`);
    case "limit":
    case "error":
      return paint.yellow(`koda: ${escapeText(outcome.message)}`);
    default:
      return outcome satisfies never;
  }
}

const toPromptLine = (text: string, paint: Paint): string => `${paint.bold("> ")}${escapeText(text)}`;
