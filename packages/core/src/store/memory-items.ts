import { CoreError } from "../errors.ts";
import { checkRow, toKept } from "./memory-checks.ts";
import type { MemoryItem, MemoryItemStore } from "./memory-item-store.ts";
import { findInMemories } from "./memory-search.ts";
import type { OpenTables } from "./memory-tables.ts";

/** The memories of projects, in a store that itself lives in memory. */
export function createMemoryItems(open: OpenTables): MemoryItemStore {
  const inProject = (projectRoot: string): MemoryItem[] =>
    [...open().memories.values()].filter((item) => item.projectRoot === projectRoot);
  return {
    addMemory(item) {
      const { log, memories } = open();
      if (memories.has(item.id)) throw new CoreError("store_rejected", `memory ${item.id} exists already`);
      if (!(item.importance >= 0 && item.importance <= 1)) {
        throw new CoreError("store_rejected", `importance is from 0 to 1, not ${item.importance}`);
      }
      checkRow({
        whole: [item.createdAtMs, item.accessCount, item.accessedAtMs],
        chosen: [[item.kind, "episodic semantic procedural working"]],
      });
      log.transaction(() => log.set(memories, item.id, toKept(item)));
    },
    listMemories: (projectRoot) =>
      inProject(projectRoot)
        .toReversed()
        .sort((left, right) => right.createdAtMs - left.createdAtMs),
    findMemories: (projectRoot, query, limit) => findInMemories(inProject(projectRoot), query, limit),
    touchMemory(id, nowMs) {
      const { log, memories } = open();
      const item = memories.get(id);
      if (item === undefined) return;
      checkRow({ whole: [nowMs] });
      const accessedAtMs = Math.max(item.accessedAtMs, nowMs);
      log.transaction(() =>
        log.set(memories, id, toKept({ ...item, accessCount: item.accessCount + 1, accessedAtMs })),
      );
    },
    removeMemory(id) {
      const { log, memories } = open();
      return log.transaction(() => log.remove(memories, [id])) > 0;
    },
  };
}
