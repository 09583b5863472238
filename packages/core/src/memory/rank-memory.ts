import type { MemoryItem } from "../store/memory-item-store.ts";

const dayMs = 86_400_000;
const fadingMs = 30 * dayMs;

/** What a memory is worth now, 0 to 1: mostly how important it is, and how new. Its newness fades over 30 days. */
export function rankMemory(
  { importance, createdAtMs }: Pick<MemoryItem, "importance" | "createdAtMs">,
  nowMs: number,
): number {
  // A clock that was set back makes no memory better than a new one.
  const ageMs = Math.max(0, nowMs - createdAtMs);
  return 0.7 * importance + 0.3 * Math.exp(-ageMs / fadingMs);
}

/** The best first; of two that are worth the same, the newer. */
export function sortByRank(items: readonly MemoryItem[], nowMs: number): readonly MemoryItem[] {
  return [...items].sort(
    (left, right) =>
      rankMemory(right, nowMs) - rankMemory(left, nowMs) ||
      right.createdAtMs - left.createdAtMs ||
      (left.id < right.id ? 1 : -1),
  );
}
