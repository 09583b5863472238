/** Earlier prompts, oldest first, and where in them Up and Down are. */
export interface PromptHistory {
  readonly entries: readonly string[];
  /** Equal to the number of entries when nothing is recalled. */
  readonly index: number;
  /** What was being written when the first entry was recalled. */
  readonly draft: string;
}

/** A prompt equal to the one before it is kept once. */
export function toHistory(entries: readonly string[]): PromptHistory {
  const kept = entries.filter((entry, index) => entry !== "" && entry !== entries[index - 1]).slice(-maxEntries);
  return { entries: kept, index: kept.length, draft: "" };
}

export function remember(history: PromptHistory, prompt: string): PromptHistory {
  return toHistory([...history.entries, prompt]);
}

/** The neighbour in time; null at either end. */
export function recall(
  history: PromptHistory,
  direction: "older" | "newer",
  current: string,
): { readonly history: PromptHistory; readonly text: string } | null {
  const { entries, index } = history;
  const target = direction === "older" ? index - 1 : index + 1;
  if (target < 0 || target > entries.length) return null;
  const draft = index === entries.length ? current : history.draft;
  return { history: { entries, index: target, draft }, text: entries[target] ?? draft };
}

const maxEntries = 500;
