/** Another peer begins each time, so that none always follows the same one. */
export function rotate<Item>(items: readonly Item[], by: number): Item[] {
  const at = by % Math.max(1, items.length);
  return [...items.slice(at), ...items.slice(0, at)];
}

/** What an error says, in words. */
export function toReason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
