import type { StoredSession } from "./stored-session.ts";
import { readLoggedLine } from "./workload.ts";

/**
 * Commands leave a line in a log each time they run. A line that is there more often than its command was finished (once
 * at most) and interrupted says that something ran twice; a line that is missing, that a result is not true.
 */
export function findRepeatedRuns(stored: StoredSession | undefined, log: readonly string[]): readonly string[] {
  const finished = new Map<string, number>();
  const interrupted = new Map<string, number>();
  const callInputs = new Map(
    (stored?.entries ?? []).flatMap(({ content }) =>
      content.kind === "assistant" ? content.toolCalls.map((call) => [call.callId, call.argumentsJson] as const) : [],
    ),
  );
  for (const call of stored?.calls ?? []) {
    if (call.name !== "Bash") continue;
    const line = readLoggedLine(JSON.parse(callInputs.get(call.callId) ?? "{}").command) ?? "";
    if (call.state === "finished") finished.set(line, (finished.get(line) ?? 0) + 1);
    if (call.state === "started") interrupted.set(line, (interrupted.get(line) ?? 0) + 1);
  }
  const faults: string[] = [];
  for (const line of new Set([...log, ...finished.keys()])) {
    const runs = log.filter((other) => other === line).length;
    const ended = finished.get(line) ?? 0;
    if (ended > 1) faults.push(`the command of line ${line} was finished ${ended} times`);
    if (runs < ended) faults.push(`the command of line ${line} is finished and left no line`);
    if (runs > ended + (interrupted.get(line) ?? 0)) {
      faults.push(
        `the command of line ${line} ran ${runs} times: ${ended} finished, ${interrupted.get(line) ?? 0} interrupted`,
      );
    }
  }
  return faults;
}
