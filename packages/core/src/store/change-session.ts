import type { SessionChange, SessionRecord } from "./session-record.ts";

/** A session after a change, as every store applies it. A reason stays no longer than the state `error`. */
export function changeSession(record: SessionRecord, change: SessionChange, nowMs: number): SessionRecord {
  const state = change.state ?? record.state;
  const stateReason = change.stateReason === undefined ? record.stateReason : change.stateReason;
  return {
    ...record,
    title: change.title ?? record.title,
    providerId: change.providerId ?? record.providerId,
    model: change.model ?? record.model,
    mode: change.mode ?? record.mode,
    turnCount: change.turnCount ?? record.turnCount,
    state,
    stateReason: state === "error" ? stateReason : null,
    leafId: change.leafId === undefined ? record.leafId : change.leafId,
    updatedAtMs: Math.max(record.updatedAtMs, nowMs),
  };
}
