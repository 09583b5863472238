import type { LedgerStore, UsageRecord, UsageTotals } from "./ledger-store.ts";
import { checkRow, toKept } from "./memory-checks.ts";
import { type MemoryTables, type OpenTables, touchWritable } from "./memory-tables.ts";
import { toStoredUsage } from "./stored-usage.ts";

type UsageStore = Pick<LedgerStore, "recordUsage" | "readUsage" | "listUsage" | "sumUsage">;

export function createMemoryUsage(open: OpenTables): UsageStore {
  return {
    recordUsage(writer, usage) {
      const tables = open();
      tables.log.transaction(() => {
        const session = touchWritable(tables, writer, usage.createdAtMs);
        checkRow({ chosen: [[usage.outcome, "finished failed aborted"]] });
        tables.log.push(session.usage, toKept(toStoredUsage(usage)));
      });
    },
    readUsage: (sessionId) => toTotals(open().sessions.get(sessionId)?.usage ?? []),
    listUsage: (sessionId) => [...(open().sessions.get(sessionId)?.usage ?? [])],
    sumUsage(by, { sessionId, model, fromMs, toMs }) {
      const tables = open();
      const family = sessionId === null ? [...tables.sessions.keys()] : toFamily(tables, sessionId);
      const records = family
        .flatMap((id) => tables.sessions.get(id)?.usage ?? [])
        .filter(
          (usage) =>
            (model === undefined || usage.model === model) &&
            (fromMs === undefined || usage.createdAtMs >= fromMs) &&
            (toMs === undefined || usage.createdAtMs <= toMs),
        );
      const toKey = by === "model" ? (usage: UsageRecord) => usage.model : toDay;
      const groups = [...Map.groupBy(records, toKey)].map(([key, group]) => ({ key, ...toTotals(group) }));
      const byKey = groups.sort((left, right) => (left.key < right.key ? -1 : 1));
      return by === "day" ? byKey : byKey.sort((left, right) => weight(right) - weight(left));
    },
  };
}

/** A session, its children and theirs. */
function toFamily(tables: MemoryTables, sessionId: string): readonly string[] {
  const family = new Set([sessionId]);
  for (const known of family) {
    for (const { record } of tables.sessions.values()) if (record.parentId === known) family.add(record.id);
  }
  return [...family];
}

/** Groups without a price come after all others, in the order of their tokens. */
const weight = ({ costMicros, inputTokens, outputTokens }: UsageTotals): number =>
  costMicros === null ? -1 / (1 + inputTokens + outputTokens) : costMicros;

const toDay = (usage: UsageRecord): string => new Date(usage.createdAtMs).toISOString().slice(0, 10);

function toTotals(records: readonly UsageRecord[]): UsageTotals {
  const writes = records.flatMap((usage) => usage.cacheWriteTokens ?? []);
  const costs = records.flatMap((usage) => usage.costMicros ?? []);
  return {
    inputTokens: sum(records.map((usage) => usage.inputTokens)),
    outputTokens: sum(records.map((usage) => usage.outputTokens)),
    cacheReadTokens: sum(records.map((usage) => usage.cacheReadTokens)),
    ...(writes.length === 0 ? {} : { cacheWriteTokens: sum(writes) }),
    thinkingTokens: sum(records.map((usage) => usage.thinkingTokens)),
    costMicros: costs.length === 0 ? null : sum(costs),
    unpricedRequests: records.filter((usage) => usage.costMicros === null && usage.inputTokens + usage.outputTokens > 0)
      .length,
    requests: records.length,
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
