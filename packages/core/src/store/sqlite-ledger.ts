import type { LedgerStore } from "./ledger-store.ts";
import { createAuditStore } from "./sqlite-audit.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { createToolMetrics } from "./sqlite-tool-metrics.ts";
import { createUsageStore } from "./sqlite-usage.ts";

export function createLedgerStore(connection: SqliteConnection): LedgerStore {
  return {
    ...createUsageStore(connection),
    ...createAuditStore(connection),
    readToolMetrics: createToolMetrics(connection),
  };
}
