import type { Entry } from "../store/entry.ts";

/** The entries of the turn in which a path ends, oldest first, also those that a summary stands for in the view. */
export function readTurn(
  { leafId, turnId }: { readonly leafId: string | null; readonly turnId: string },
  readEntry: (id: string) => Entry | null,
): readonly Entry[] {
  const newestFirst: Entry[] = [];
  let entry = leafId === null ? null : readEntry(leafId);
  while (entry !== null && entry.turnId === turnId) {
    newestFirst.push(entry);
    entry = entry.parentId === null ? null : readEntry(entry.parentId);
  }
  return newestFirst.reverse();
}
