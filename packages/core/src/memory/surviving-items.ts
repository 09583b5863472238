import { CoreError } from "../errors.ts";
import type { MemoryItem, MemoryItemStore } from "../store/memory-item-store.ts";
import { createMemoryStore } from "../store/memory-store.ts";

/**
 * `store` for as long as it works. When it fails, memory goes on in the process, beginning with what `known` still has;
 * `onUnavailable` is told once, with the reason. What the store rejects is thrown: that is no fault of the store.
 */
export function createSurvivingItems({
  store,
  known,
  onUnavailable,
}: {
  readonly store: MemoryItemStore;
  readonly known: () => readonly MemoryItem[];
  readonly onUnavailable: (reason: string) => void;
}): MemoryItemStore {
  let items = store;
  const attempt = <T>(act: (present: MemoryItemStore) => T): T => {
    try {
      return act(items);
    } catch (error) {
      if (error instanceof CoreError && error.code === "store_rejected") throw error;
      items = createMemoryStore();
      for (const item of known()) items.addMemory(item);
      onUnavailable(error instanceof Error ? error.message : String(error));
      return act(items);
    }
  };
  return {
    addMemory: (item) => attempt((present) => present.addMemory(item)),
    listMemories: (projectRoot) => attempt((present) => present.listMemories(projectRoot)),
    findMemories: (projectRoot, query, limit) => attempt((present) => present.findMemories(projectRoot, query, limit)),
    touchMemory: (id, nowMs) => attempt((present) => present.touchMemory(id, nowMs)),
    removeMemory: (id) => attempt((present) => present.removeMemory(id)),
  };
}
