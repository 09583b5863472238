import { CoreError } from "../errors.ts";
import type { MemoryItem, MemoryItemStore } from "../store/memory-item-store.ts";

/** Memories that last until the process ends: what is left when the store cannot be used. */
export function createInProcessItems(seed: readonly MemoryItem[] = []): MemoryItemStore {
  const items = new Map(seed.map((item) => [item.id, item]));
  const listMemories = (projectRoot: string): readonly MemoryItem[] =>
    [...items.values()]
      .filter((item) => item.projectRoot === projectRoot)
      .sort((left, right) => right.createdAtMs - left.createdAtMs || (left.id < right.id ? 1 : -1));
  return {
    addMemory(item) {
      if (items.has(item.id)) throw new CoreError("store_rejected", `a memory ${item.id} is there already`);
      items.set(item.id, item);
    },
    listMemories,
    findMemories(projectRoot, query, limit) {
      const wanted = toWords(query);
      return listMemories(projectRoot)
        .map((item) => ({ item, matches: countShared(wanted, toWords(item.text)) }))
        .filter(({ matches }) => matches > 0)
        .sort((left, right) => right.matches - left.matches)
        .slice(0, limit)
        .map(({ item }) => item);
    },
    touchMemory(id, nowMs) {
      const item = items.get(id);
      if (item !== undefined) items.set(id, { ...item, accessCount: item.accessCount + 1, accessedAtMs: nowMs });
    },
    removeMemory: (id) => items.delete(id),
  };
}

const toWords = (text: string): ReadonlySet<string> => new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);

function countShared(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  return [...left].filter((word) => right.has(word)).length;
}
