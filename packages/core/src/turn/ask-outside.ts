import type { EngineEvent } from "../events/engine-event.ts";
import type { WaitKind } from "../store/wait-store.ts";
import type { TurnContext } from "./turn-context.ts";
import { toWaitKey } from "./turn-keys.ts";

/** Something that only someone outside the turn can answer. */
export interface OutsideQuestion<Answer> {
  /** Follows from turn, step and call: a turn that goes on after a crash asks the same question. */
  readonly requestId: string;
  readonly callId: string | null;
  readonly kind: WaitKind;
  /** Told to clients, and kept for those that look in later. */
  readonly request: EngineEvent;
  /** Null for what is no answer to this. */
  readonly parse: (value: unknown) => Answer | null;
}

/**
 * The first answer that anybody gives, from this process or another, also one given while this process was dead. Null when
 * nobody answers in time, or with something that is no answer. Rejects with `signal.reason` when the turn is aborted.
 */
export async function askOutside<Answer>(turn: TurnContext, question: OutsideQuestion<Answer>): Promise<Answer | null> {
  const { requestId, callId, kind, request, parse } = question;
  const key = toWaitKey(turn.sessionId, requestId);
  const deadlineMs = turn.answerWithinMs === null ? null : turn.effects.now() + turn.answerWithinMs;
  const answered = turn.effects.wait<unknown>(key, {
    signal: turn.signal,
    ...(deadlineMs === null ? {} : { deadlineMs }),
  });
  const payloadJson = JSON.stringify(request);
  turn.waits.open({ key, turnId: turn.turnId, callId, kind, payloadJson, deadlineMs });
  turn.emit(request);
  let seen: unknown = null;
  try {
    seen = await turn.clock.during("wait", () => answered);
  } finally {
    // Whoever answered in the same moment as the time ran out was told that it counts, so it does.
    const last = turn.waits.close(key);
    seen ??= last;
  }
  return seen === null ? null : parse(seen);
}
