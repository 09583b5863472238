import type { LedgerStore, ToolMetrics } from "./ledger-store.ts";
import { maxAuditRecords } from "./max-audit-records.ts";
import { checkRow, toKept } from "./memory-checks.ts";
import { type MemoryCall, type OpenTables, touchWritable } from "./memory-tables.ts";
import { createMemoryUsage } from "./memory-usage.ts";

export function createMemoryLedger(open: OpenTables): LedgerStore {
  return {
    ...createMemoryUsage(open),
    readToolMetrics(sessionId) {
      const calls = [...(open().sessions.get(sessionId)?.calls.values() ?? [])];
      const finished = calls.filter(({ record }) => record.state === "finished");
      return [...Map.groupBy(finished, ({ record }) => record.name)]
        .map(([name, group]) => toMetrics(name, group))
        .sort((left, right) => (left.name < right.name ? -1 : 1));
    },
    recordAudit(writer, record) {
      const tables = open();
      tables.log.transaction(() => {
        const session = touchWritable(tables, writer, record.createdAtMs);
        checkRow({ chosen: [[record.severity, "info warning critical"]] });
        tables.log.push(session.audit, toKept(record));
      });
    },
    // Those that are too old are left out here: a store in memory does not live long.
    listAudit: (sessionId) => (open().sessions.get(sessionId)?.audit ?? []).slice(-maxAuditRecords),
  };
}

function toMetrics(name: string, calls: readonly MemoryCall[]): ToolMetrics {
  const results = calls.flatMap(({ record }) => record.result ?? []);
  const ran = results.filter(({ outcome }) => outcome !== "blocked" && outcome !== "rejected");
  const ok = ran.filter(({ outcome }) => outcome === "ok").length;
  const durations = ran.map(({ durationMs }) => durationMs);
  return {
    name,
    calls: results.length,
    ok,
    failed: ran.length - ok,
    refused: results.length - ran.length,
    totalMs: durations.reduce((total, durationMs) => total + durationMs, 0),
    minMs: durations.length === 0 ? null : Math.min(...durations),
    maxMs: durations.length === 0 ? null : Math.max(...durations),
    lastAtMs: Math.max(...calls.map(({ finishedAtMs }) => finishedAtMs)),
  };
}
