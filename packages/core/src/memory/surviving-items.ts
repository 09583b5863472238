import { CoreError } from "../errors.ts";
import type { MemoryItem, MemoryItemStore } from "../store/memory-item-store.ts";
import { createMemoryStore } from "../store/memory-store.ts";

type Act<T> = (present: MemoryItemStore) => T;

/**
 * `store` for as long as it works. While it fails, memory goes on in the process, beginning with what `known` still has.
 * Every later call tries the store first; when it works again, it is given what it has missed. `onUnavailable` is told
 * of the first failure, with the reason. What the store rejects is thrown: that is no fault of the store.
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
  let standIn: MemoryItemStore | null = null;
  let isTold = false;
  /** Writes that the store has still to see, the oldest first. */
  let missed: readonly Act<unknown>[] = [];

  const standInAfter = (error: unknown): MemoryItemStore => {
    if (isRejection(error)) throw error;
    if (!isTold) onUnavailable(error instanceof Error ? error.message : String(error));
    isTold = true;
    if (standIn === null) {
      standIn = createMemoryStore();
      for (const item of known()) standIn.addMemory(item);
    }
    return standIn;
  };
  const catchUp = (): void => {
    for (const write of missed) {
      try {
        write(store);
      } catch (error) {
        if (!isRejection(error)) throw error;
        // It was taken here and cannot be there: the others still can.
      }
      missed = missed.slice(1);
    }
    standIn = null;
  };
  const read = <T>(act: Act<T>): T => {
    try {
      catchUp();
      return act(store);
    } catch (error) {
      return act(standInAfter(error));
    }
  };
  const write = <T>(act: Act<T>, later: Act<unknown> = act): T => {
    try {
      catchUp();
      return act(store);
    } catch (error) {
      const result = act(standInAfter(error));
      missed = [...missed, later];
      return result;
    }
  };
  return {
    addMemory: (item) =>
      write(
        (present) => present.addMemory(item),
        // The stand-in did not know every text that is there.
        (present) => isKnown(present, item) || present.addMemory(item),
      ),
    listMemories: (projectRoot) => read((present) => present.listMemories(projectRoot)),
    findMemories: (projectRoot, query, limit) => read((present) => present.findMemories(projectRoot, query, limit)),
    touchMemory: (id, nowMs) => write((present) => present.touchMemory(id, nowMs)),
    removeMemory: (id) => write((present) => present.removeMemory(id)),
  };
}

function isKnown(store: MemoryItemStore, { projectRoot, text }: MemoryItem): boolean {
  return store.listMemories(projectRoot).some((other) => other.text === text);
}

function isRejection(error: unknown): boolean {
  return error instanceof CoreError && error.code === "store_rejected";
}
