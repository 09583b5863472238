import type { Entry, ToolCallRecord } from "@koda/core";
import type { StoredSession } from "./stored-session.ts";
import { lookLines } from "./workload.ts";

/**
 * A session without its interruptions: cut answers and Koda's notes are left out, and so are looks at files; the calls
 * that wanted the same thing are one action with several attempts, and the answers that wanted them are one step.
 */
export interface SettledTurn {
  readonly prompt: string;
  readonly outcome: unknown;
  readonly steps: ReadonlyMap<string, ReadonlyMap<string, readonly ToolCallRecord[]>>;
  /** What was said when nothing was left to be done. */
  readonly answers: readonly string[];
  readonly interruptions: Interruptions;
}

export interface Interruptions {
  readonly cutAnswers: number;
  /** Calls whose outcome nobody knows. */
  readonly unknownCalls: number;
  readonly callsNotRun: number;
  /** Read-only calls that Koda itself ran again. */
  readonly rerunReads: number;
  /** Calls of the model beyond the first for the same thing. */
  readonly repeatedCalls: number;
  readonly looks: number;
}

export function settleTranscript({ entries, calls }: StoredSession): readonly SettledTurn[] {
  const records = new Map(calls.map((call) => [call.callId, call]));
  const turnIds = [...new Set(entries.map(({ turnId }) => turnId))];
  return turnIds.map((turnId) =>
    settleTurn(
      entries.filter((entry) => entry.turnId === turnId),
      records,
    ),
  );
}

function settleTurn(entries: readonly Entry[], records: ReadonlyMap<string, ToolCallRecord>): SettledTurn {
  const steps = new Map<string, Map<string, ToolCallRecord[]>>();
  const answers: string[] = [];
  let prompt = "";
  let outcome: unknown = null;
  let cutAnswers = 0;
  let looks = 0;
  for (const { content } of entries) {
    if (content.kind === "user" && content.source === "prompt") prompt = content.text;
    if (content.kind === "turn-end") outcome = content.outcome;
    if (content.kind !== "assistant") continue;
    if (!content.isComplete) cutAnswers += 1;
    else if (content.toolCalls.length === 0) answers.push(content.text);
    else {
      const step = steps.get(content.text) ?? new Map<string, ToolCallRecord[]>();
      steps.set(content.text, step);
      for (const { callId, name, argumentsJson } of content.toolCalls) {
        const { description: _, ...input } = JSON.parse(argumentsJson);
        if (name === "Read" && input.limit === lookLines) {
          looks += 1;
          continue;
        }
        const key = `${name} ${JSON.stringify(input)}`;
        const record = records.get(callId);
        step.set(key, [...(step.get(key) ?? []), ...(record === undefined ? [] : [record])]);
      }
    }
  }
  const actions = [...steps.values()].flatMap((step) => [...step.values()]);
  const count = (isSuch: (call: ToolCallRecord) => boolean): number => actions.flat().filter(isSuch).length;
  return {
    prompt,
    outcome,
    steps,
    answers,
    interruptions: {
      cutAnswers,
      looks,
      unknownCalls: count(({ state }) => state === "started"),
      callsNotRun: count(({ state }) => state === "requested" || state === "decided"),
      rerunReads: count(({ state, attempts }) => state === "finished" && attempts > 1),
      repeatedCalls: actions.reduce((sum, attempts) => sum + attempts.length - 1, 0),
    },
  };
}

/** Where two sessions with the same prompts differ by more than what interruptions explain. */
export function compareTranscripts(
  undisturbed: readonly SettledTurn[],
  disturbed: readonly SettledTurn[],
): readonly string[] {
  if (undisturbed.length !== disturbed.length) return [`${disturbed.length} turns, ${undisturbed.length} are wanted`];
  return undisturbed.flatMap((turn, index) => {
    const other = disturbed[index];
    return other === undefined ? [] : compareTurns(turn, other).map((fault) => `turn ${index + 1}: ${fault}`);
  });
}

function compareTurns(undisturbed: SettledTurn, disturbed: SettledTurn): readonly string[] {
  const faults: string[] = [];
  const same = (what: string, wanted: unknown, found: unknown): void => {
    const [left, right] = [JSON.stringify(wanted), JSON.stringify(found)];
    if (left !== right) faults.push(`${what} is ${right}, not ${left}`);
  };
  same("the prompt", undisturbed.prompt, disturbed.prompt);
  same("the outcome", undisturbed.outcome, disturbed.outcome);
  same("the answer", undisturbed.answers, disturbed.answers);
  same("the order of steps", [...undisturbed.steps.keys()], [...disturbed.steps.keys()]);
  for (const [text, actions] of undisturbed.steps) {
    const others = disturbed.steps.get(text) ?? new Map<string, readonly ToolCallRecord[]>();
    same(`what ${text} asks for`, [...actions.keys()], [...others.keys()]);
    for (const [key, [wanted]] of actions) {
      const attempts = others.get(key) ?? [];
      const done = attempts.filter(({ result }) => result?.outcome === "ok");
      if (done.length > 1) faults.push(`${key} was done ${done.length} times`);
      if (done.length === 0 && !attempts.some(({ state }) => state === "started")) faults.push(`${key} was never done`);
      if (attempts.length === 1 && done.length === 1) same(`the result of ${key}`, toTold(wanted), toTold(done[0]));
    }
  }
  return faults;
}

/** Without what differs from run to run. */
function toTold(call: ToolCallRecord | undefined): unknown {
  const { text, changes, origin, outcome } = call?.result ?? {};
  return { name: call?.name, decision: call?.decision, text, changes, origin, outcome };
}
