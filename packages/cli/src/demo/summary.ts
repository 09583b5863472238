import type { EngineEvent } from "@koda/core";
import { escapeLine, escapeText } from "../render/escape-text.ts";
import { toRunReport } from "../render/json.ts";
import type { Paint } from "../render/paint.ts";
import { toChangeLine } from "../render/text.ts";

/** What happened, from the events alone; complete when the test went from red to green and both verdicts were seen. */
export function demoSummary(input: {
  readonly events: readonly EngineEvent[];
  readonly before: number | null;
  readonly after: number | null;
  readonly openMs: number;
  /** Started by `npm start` in a checkout, where no `koda` is on the PATH. */
  readonly isCheckout: boolean;
  readonly paint: Paint;
}): { readonly text: string; readonly isComplete: boolean } {
  const { paint } = input;
  const report = toRunReport(input.events, []);
  const subjects = new Map(report.toolCalls.map((call) => [call.callId, call.subject]));
  const verdicts = new Set(report.connections.map((connection) => connection.verdict));
  const isComplete =
    report.error === null &&
    input.before !== 0 &&
    input.after === 0 &&
    verdicts.has("allowed") &&
    verdicts.has("refused");
  const lines = [
    paint.bold("What happened"),
    `  tests        before ${testWord(input.before, paint)}, after ${testWord(input.after, paint)}`,
    ...label(
      "files",
      report.changes.map((change) => toChangeLine(change, paint)),
    ),
    ...label(
      "connections",
      report.connections.map((connection) => {
        const verdict = connection.verdict === "allowed" ? paint.green("allowed") : paint.red(connection.verdict);
        const call = connection.callId === null ? "unknown" : (subjects.get(connection.callId) ?? connection.callId);
        return `${verdict} ${escapeLine(connection.host)}:${connection.port}  ${paint.dim(`by ${escapeLine(call)}`)}`;
      }),
    ),
    `  koda itself  ${Math.round(report.timing?.ownMs ?? 0)} ms for ${report.steps} model steps and ${report.toolCalls.length} tool calls; ${Math.round(input.openMs)} ms to open the session`,
    "",
    ...(report.error === null ? [] : [paint.red(`  ${escapeText(report.error.message)}`), ""]),
    paint.bold("Next"),
    ...nextLines(input.isCheckout, paint),
  ];
  return { text: lines.join("\n"), isComplete };
}

function nextLines(isCheckout: boolean, paint: Paint): string[] {
  const koda = isCheckout ? "npm start --" : "koda";
  const lines = [
    ["export OPENAI_API_KEY=sk-…", "or --base-url http://localhost:11434/v1 for a model of your own"],
    [`${koda} -p "what is this project?"`, "one prompt, for scripts too"],
    [isCheckout ? `${koda} --mode auto` : koda, "a session in this terminal"],
    [`${koda} doctor`, "every rule of the sandbox, tried on this machine"],
  ] as const;
  return lines.map(([command, what]) => `  ${command.padEnd(42)}  ${paint.dim(what)}`);
}

function testWord(status: number | null, paint: Paint): string {
  return status === 0 ? paint.green("pass") : paint.red("fail");
}

function label(name: string, values: readonly string[]): string[] {
  if (values.length === 0) return [`  ${name.padEnd(11)}  none`];
  return values.map((value, index) => `  ${(index === 0 ? name : "").padEnd(11)}  ${value}`);
}
