import { CoreError } from "../errors.ts";
import type { JournalStore } from "./journal-store.ts";
import { toSearchableResult } from "./searchable-text.ts";
import type { SessionWriter } from "./session-record.ts";
import type { SqliteConnection, SqlValue } from "./sqlite-connection.ts";
import { indexResult } from "./sqlite-search.ts";
import { toolCallColumns, toToolCallRecord } from "./sqlite-tool-call.ts";
import { touchAsWriter } from "./sqlite-writer.ts";
import { toWholeNumber } from "./whole-number.ts";

type CallStore = Pick<JournalStore, "decideCall" | "startCall" | "finishCall" | "readCalls" | "readCallsOf">;

export function createCallStore(connection: SqliteConnection): CallStore {
  /** The row of the call that changed; null when it is too far on for this change. */
  const changeCall = (
    writer: SessionWriter,
    callId: string,
    change: { readonly set: string; readonly from: string; readonly values: readonly SqlValue[] },
  ): number | null => {
    const call = connection.get(
      "SELECT seq, state FROM tool_calls WHERE session_id = ? AND call_id = ?",
      writer.sessionId,
      callId,
    ) as { readonly seq: number } | undefined;
    if (call === undefined) throw new CoreError("store_rejected", `session ${writer.sessionId} has no call ${callId}`);
    const changed = connection.run(
      `UPDATE tool_calls SET ${change.set} WHERE seq = ? AND state ${change.from}`,
      ...change.values,
      call.seq,
    );
    return changed === 0 ? null : call.seq;
  };

  return {
    decideCall: (writer, callId, decision, nowMs) =>
      connection.transaction(() => {
        touchAsWriter(connection, writer, nowMs);
        changeCall(writer, callId, {
          set: "state = 'decided', decision = ?, reason = ?, decided_at = ?",
          from: "IN ('requested', 'decided')",
          values: [decision.kind, decision.reason, nowMs],
        });
      }),
    startCall: (writer, callId, attempt, nowMs) =>
      connection.transaction(() => {
        touchAsWriter(connection, writer, nowMs);
        changeCall(writer, callId, {
          set: "state = 'started', attempts = ?, started_at = ?",
          from: "<> 'finished'",
          values: [attempt, nowMs],
        });
      }),
    finishCall: (writer, callId, result, nowMs) =>
      connection.transaction(() => {
        touchAsWriter(connection, writer, nowMs);
        const seq = changeCall(writer, callId, {
          set: `state = 'finished', outcome = ?, text = ?, changes = ?, duration_ms = ?, origin = ?, full_text_hash = ?,
            finished_at = ?`,
          from: "<> 'finished'",
          values: [
            result.outcome,
            result.text,
            JSON.stringify(result.changes),
            toWholeNumber(result.durationMs),
            result.origin,
            result.fullTextHash,
            nowMs,
          ],
        });
        const text = toSearchableResult(result);
        if (seq !== null && text !== null) indexResult(connection, seq, text);
      }),
    readCalls: (sessionId) =>
      connection
        .all(`SELECT ${toolCallColumns} FROM tool_calls WHERE session_id = ? ORDER BY seq`, sessionId)
        .map(toToolCallRecord),
    readCallsOf: (entryId) =>
      connection
        .all(`SELECT ${toolCallColumns} FROM tool_calls WHERE entry_id = ? ORDER BY seq`, entryId)
        .map(toToolCallRecord),
  };
}
