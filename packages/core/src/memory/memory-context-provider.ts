import type { ContextProvider } from "../prompt/context-provider.ts";
import type { MemoryItem } from "../store/memory-item-store.ts";
import type { SessionMemory } from "./session-memory.ts";

/**
 * Gives the model what a session remembers, under the name `memory`, and notes each completed turn as a success. Add
 * it before any other provider: the first one is heard first.
 */
export function createMemoryContextProvider(memory: SessionMemory): ContextProvider {
  return {
    name: "memory",
    query: async ({ text, types, maxItems }) => {
      if (!types.includes("memory")) return [];
      const working = memory.working().slice(0, maxItems);
      const recalled = memory.recall({ text, limit: maxItems - working.length });
      return [...working, ...recalled].map((item) => ({ type: "memory", source: toSource(item), text: item.text }));
    },
    afterTurn: async ({ prompt, answer }) => {
      memory.recordSuccess({ prompt, lesson: answer });
    },
  };
}

/** The day alone: what was found once reads the same the next time. */
const toSource = ({ kind, createdAtMs }: MemoryItem): string =>
  `${kind} memory of ${new Date(createdAtMs).toISOString().slice(0, 10)}`;
