import type { Entry } from "../store/entry.ts";
import type { SummaryRoom } from "./decide-shrink.ts";

/** What an entry is to a model. */
export interface EntrySize {
  readonly messages: number;
  readonly tokens: number;
}

/** So many messages stay, if they fit at all. */
const minKeptMessages = 4;

/**
 * Pure. The index of the first entry that is not summarised: what follows takes at most `keepTokens`, or is the last four
 * messages, unless those take more than `limitTokens`. It is a user's entry where there is one among those that may go.
 */
export function findKeptStart(
  entries: readonly Entry[],
  { sizes, keepTokens, limitTokens }: Omit<SummaryRoom, "room"> & { readonly sizes: readonly EntrySize[] },
): number {
  const start = findStart(entries, { sizes, keepTokens, minMessages: minKeptMessages });
  const tokens = sizes.slice(start).reduce((sum, size) => sum + size.tokens, 0);
  if (tokens <= limitTokens) return start;
  // What a user has just said is answered as it is, or not at all.
  const minMessages = entries.at(-1)?.content.kind === "user" ? 1 : 0;
  return findStart(entries, { sizes, keepTokens, minMessages });
}

function findStart(
  entries: readonly Entry[],
  options: { readonly sizes: readonly EntrySize[]; readonly keepTokens: number; readonly minMessages: number },
): number {
  const { sizes, keepTokens, minMessages } = options;
  let messages = 0;
  let tokens = 0;
  let start = entries.length;
  let latestStart = entries.length - 1;
  for (const [index, size] of [...sizes.entries()].reverse()) {
    if (messages >= minMessages && tokens + size.tokens > keepTokens) break;
    start = index;
    if (messages < minMessages) latestStart = index;
    messages += size.messages;
    tokens += size.tokens;
  }
  const user = entries.findIndex(
    ({ content }, index) => index >= start && index <= latestStart && content.kind === "user",
  );
  return user === -1 ? start : user;
}
