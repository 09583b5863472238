import { isDeepStrictEqual } from "node:util";
import type { StoredSession } from "./stored-session.ts";
import type { ToldEvent } from "./told-event.ts";

const progress = ["requested", "decided", "started", "finished"];

/** What was committed before and is not there any more, or is something else now. */
export function findLosses(before: StoredSession, after: StoredSession): readonly string[] {
  const faults: string[] = [];
  if (before.record.id !== after.record.id) faults.push(`session ${before.record.id} is gone`);
  for (const [index, entry] of before.entries.entries()) {
    if (!isDeepStrictEqual(entry, after.entries[index]))
      faults.push(`entry ${index} (${entry.content.kind}) has changed`);
  }
  const now = new Map(after.calls.map((call) => [call.callId, call]));
  for (const call of before.calls) {
    const later = now.get(call.callId);
    if (later === undefined) faults.push(`call ${call.callId} is gone`);
    else if (call.state === "finished" && !isDeepStrictEqual(call, later)) {
      faults.push(`the finished call ${call.callId} has changed`);
    } else if (progress.indexOf(later.state) < progress.indexOf(call.state) || later.attempts < call.attempts) {
      faults.push(`call ${call.callId} went back from ${call.state} to ${later.state}`);
    }
  }
  return faults;
}

/** What cannot be in the record of a session to which one process after the other has appended. */
export function findContradictions({
  record,
  entries,
  calls,
  hasUnfinishedTurn,
  openIn,
}: StoredSession): readonly string[] {
  const faults: string[] = [];
  for (const [index, entry] of entries.entries()) {
    if (entry.parentId !== (entries[index - 1]?.id ?? null))
      faults.push(`entry ${index} does not follow the one before`);
  }
  if (record.leafId !== (entries.at(-1)?.id ?? null)) faults.push("the session does not end with its last entry");
  const requested = entries.flatMap(({ id, content }) =>
    content.kind === "assistant" ? content.toolCalls.map(({ callId }) => `${id} ${callId}`) : [],
  );
  const journaled = calls.map(({ entryId, callId }) => `${entryId} ${callId}`);
  if (!isDeepStrictEqual(requested, journaled)) faults.push("the calls of the answers are not those of the journal");
  const prompts = entries.flatMap(({ content }) =>
    content.kind === "user" && content.source === "prompt" ? [content] : [],
  );
  const numbers = prompts.map(({ turn }) => turn?.number);
  if (
    !isDeepStrictEqual(
      numbers,
      prompts.map((_, index) => index + 1),
    )
  )
    faults.push(`turns are numbered ${numbers.join(", ")}`);
  if (record.turnCount !== prompts.length) faults.push(`${prompts.length} prompts are counted as ${record.turnCount}`);
  const ends = entries.filter(({ content }) => content.kind === "turn-end");
  if (prompts.length - ends.length !== (hasUnfinishedTurn ? 1 : 0)) {
    faults.push(
      `${prompts.length} prompts, ${ends.length} ends, and ${hasUnfinishedTurn ? "a" : "no"} turn to go on with`,
    );
  }
  if (openIn !== null) faults.push(`the lease of the dead process ${openIn} is not free`);
  return faults;
}

/** What a process has told, and has not stored: whoever reads an event may rely on it. */
export function findUnstored(events: readonly ToldEvent[], stored: StoredSession | undefined): readonly string[] {
  const finished = new Set(stored?.calls.filter(({ state }) => state === "finished").map(({ callId }) => callId));
  const turnIds = new Set(stored?.entries.map(({ turnId }) => turnId));
  const ended = new Set(
    stored?.entries.filter(({ content }) => content.kind === "turn-end").map(({ turnId }) => turnId),
  );
  const ownTurnId = events.find((event) => event.type === "turn-start")?.turnId ?? "";
  return events.flatMap((event) => {
    switch (event.type) {
      case "step-start":
        return turnIds.has(ownTurnId) ? [] : ["a step was told of a turn whose prompt is not stored"];
      case "tool-call-end":
        return finished.has(event.callId ?? "") ? [] : [`the end of call ${event.callId} was told and is not stored`];
      case "turn-end":
        return ended.has(event.turnId ?? "") ? [] : ["the end of a turn was told and is not stored"];
      default:
        return [];
    }
  });
}
