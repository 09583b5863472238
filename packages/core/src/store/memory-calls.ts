import { CoreError } from "../errors.ts";
import type { JournalStore } from "./journal-store.ts";
import { checkRow, toKept } from "./memory-checks.ts";
import { type OpenTables, touchWritable } from "./memory-tables.ts";
import type { SessionWriter } from "./session-record.ts";
import type { ToolCallRecord } from "./tool-call-record.ts";
import { toWholeNumber } from "./whole-number.ts";

type CallStore = Pick<JournalStore, "decideCall" | "startCall" | "finishCall" | "readCalls" | "readCallsOf">;

export function createMemoryCalls(open: OpenTables): CallStore {
  const changeCall = (
    writer: SessionWriter,
    callId: string,
    nowMs: number,
    change: (call: ToolCallRecord) => ToolCallRecord,
  ): void => {
    const tables = open();
    tables.log.transaction(() => {
      const { calls } = touchWritable(tables, writer, nowMs);
      const call = calls.get(callId);
      if (call === undefined)
        throw new CoreError("store_rejected", `session ${writer.sessionId} has no call ${callId}`);
      if (call.record.state === "finished") return;
      tables.log.set(calls, callId, { record: change(call.record), finishedAtMs: nowMs });
    });
  };

  return {
    decideCall(writer, callId, decision, nowMs) {
      if (decision !== null) checkRow({ chosen: [[decision.kind, "run ask block"]] });
      changeCall(writer, callId, nowMs, (call) =>
        call.state === "started" ? call : { ...call, state: "decided", decision: toKept(decision) },
      );
    },
    startCall(writer, callId, attempt, nowMs) {
      checkRow({ whole: [attempt] });
      changeCall(writer, callId, nowMs, (call) => ({ ...call, state: "started", attempts: attempt }));
    },
    finishCall(writer, callId, result, nowMs) {
      checkRow({
        chosen: [
          [result.outcome, "ok error blocked rejected cancelled"],
          [result.origin, "koda workspace command external"],
        ],
      });
      changeCall(writer, callId, nowMs, (call) => ({
        ...call,
        state: "finished",
        result: toKept({ ...result, durationMs: toWholeNumber(result.durationMs) }),
      }));
    },
    readCalls: (sessionId) =>
      [...(open().sessions.get(sessionId)?.calls.values() ?? [])].map(({ record }) => ({ ...record })),
    readCallsOf(entryId) {
      const { sessions, entries } = open();
      const entry = entries.get(entryId);
      if (entry?.content.kind !== "assistant") return [];
      const calls = sessions.get(entry.sessionId)?.calls;
      return entry.content.toolCalls.flatMap(({ callId }) => toCopies(calls?.get(callId)?.record));
    },
  };
}

const toCopies = (record: ToolCallRecord | undefined): readonly ToolCallRecord[] =>
  record === undefined ? [] : [{ ...record }];
