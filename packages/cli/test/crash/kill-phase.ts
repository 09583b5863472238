import type { StoredSession } from "./stored-session.ts";

/** What a process was at when it was killed, in the order of a life. */
export const killPhases = [
  "before the prompt was stored",
  "before the turn went on",
  "while the model answered",
  "while a call ran",
  "between the two",
  "after the end of the turn",
] as const;

export type KillPhase = (typeof killPhases)[number];

/** Told by what it has left: `requests` is how often it has asked the model. */
export function toKillPhase(lives: {
  readonly before: StoredSession | undefined;
  readonly after: StoredSession | undefined;
  readonly isResumed: boolean;
  readonly requests: number;
}): KillPhase {
  const { before, after, isResumed, requests } = lives;
  const seen = before?.entries.length ?? 0;
  const fresh = after?.entries.slice(seen) ?? [];
  if (!isResumed && fresh.length === 0) return "before the prompt was stored";
  if (fresh.some(({ content }) => content.kind === "turn-end")) return "after the end of the turn";
  const attemptsBefore = new Map(before?.calls.map((call) => [call.callId, call.attempts]));
  const isRunning = after?.calls.some(
    ({ callId, state, attempts }) => state === "started" && attempts > (attemptsBefore.get(callId) ?? 0),
  );
  if (isRunning) return "while a call ran";
  const answers = fresh.filter(({ content }) => content.kind === "assistant" && content.isComplete).length;
  if (answers < requests) return "while the model answered";
  return isResumed && requests === 0 ? "before the turn went on" : "between the two";
}
