import type { EngineEvent, FileChange } from "@koda/core";
import { escapeText } from "./escape-text.ts";
import type { Paint } from "./paint.ts";

/** Lines for a person watching a headless turn, on stderr. Null for events that have nothing to show. */
export function toProgressLine(event: EngineEvent, paint: Paint): string | null {
  switch (event.type) {
    case "tool-call-start":
      return `${paint.bold(event.name)} ${escapeText(oneLine(event.subject))}`;
    case "tool-call-end":
      return `  ${outcomeMark(event.outcome, paint)} ${paint.dim(`${Math.round(event.durationMs)} ms`)}${toolDetail(event)}`;
    case "connection": {
      const mark = event.verdict === "allowed" ? paint.green("allowed") : paint.red(event.verdict);
      const bytes = event.verdict === "allowed" ? ` ${event.bytesUp} B up, ${event.bytesDown} B down` : "";
      const why = event.verdict === "allowed" && event.rule !== null ? `by the rule ${event.rule}` : event.reason;
      return `  ${mark} ${escapeText(event.host)}:${event.port}${paint.dim(`${bytes} (${escapeText(oneLine(why))})`)}`;
    }
    case "retry":
      return paint.yellow(
        `  ${escapeText(oneLine(event.reason))}; trying again in ${Math.round(event.waitMs / 100) / 10} s (attempt ${event.attempt})`,
      );
    case "warning":
      return paint.yellow(`koda: ${escapeText(event.message)}`);
    default:
      return null;
  }
}

/** `+3 −1 src/slug.js`, one line a file. */
export function toChangeLine(change: FileChange, paint: Paint): string {
  const mark = { created: "new", changed: "   ", deleted: "del" }[change.kind];
  return `${mark} ${paint.green(`+${change.addedLines}`)} ${paint.red(`−${change.removedLines}`)} ${escapeText(change.path)}`;
}

function outcomeMark(outcome: string, paint: Paint): string {
  return outcome === "ok" ? paint.green("ok") : paint.red(outcome);
}

/** Why a call did not end well. For a command that is its status: what it printed can be long, and the model has it. */
function toolDetail(event: Extract<EngineEvent, { type: "tool-call-end" }>): string {
  if (event.outcome === "ok") return "";
  const lines = event.text.split("\n");
  const line = lines.find((candidate) => /^\[.+\]$/.test(candidate)) ?? lines[0] ?? "";
  return ` ${escapeText(oneLine(line).slice(0, 160))}`;
}

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, " ⏎ ").trim();
