import { toExcerpt } from "./excerpt.ts";
import type { SearchHit, SearchScope } from "./journal-store.ts";
import type { MemoryItem } from "./memory-item-store.ts";
import { pathsOfSession } from "./memory-path.ts";
import type { MemoryTables } from "./memory-tables.ts";
import { findWord, toSearchWords, toTokens } from "./search-words.ts";
import { toSearchableResult, toSearchableText } from "./searchable-text.ts";

/** Reads everything for every question, which is as quick as a store in memory needs it. */
export function searchMemory(tables: MemoryTables, query: string, scope: SearchScope): readonly SearchHit[] {
  const words = toSearchWords(query);
  if (words.length === 0) return [];
  const hits: { readonly hit: SearchHit; readonly score: number }[] = [];
  const consider = (text: string | null, hit: Omit<SearchHit, "excerpt">): void => {
    const { found, score } = weigh(text ?? "", words);
    if (found === words.length) hits.push({ hit: { ...hit, excerpt: toExcerpt(text ?? "", query) }, score });
  };
  const isInScope = toScope(tables, scope);
  for (const { record, entryIds, calls } of tables.sessions.values()) {
    for (const entryId of entryIds) {
      if (!isInScope(record.id, entryId)) continue;
      const entry = tables.entries.get(entryId);
      if (entry !== undefined) {
        consider(toSearchableText(entry.content), { sessionId: record.id, entryId, callId: null });
      }
    }
    for (const { record: call } of calls.values()) {
      const { callId, entryId, result } = call;
      if (result !== null && isInScope(record.id, entryId))
        consider(toSearchableResult(result), { sessionId: record.id, entryId, callId });
    }
  }
  return best(hits, scope.limit).map(({ hit }) => hit);
}

function toScope(tables: MemoryTables, scope: SearchScope): (sessionId: string, entryId: string) => boolean {
  const isThere = (sessionId: string): boolean => {
    const session = tables.sessions.get(sessionId);
    return session !== undefined && !session.isDeleted && session.record.projectRoot === scope.projectRoot;
  };
  const wanted = scope.sessionId;
  if (wanted === null) return isThere;
  if (!isThere(wanted)) return () => false;
  const inherited = pathsOfSession(tables, wanted);
  return (sessionId, entryId) => sessionId === wanted || inherited.has(entryId);
}

/** Memories with any of the words. */
export function findInMemories(items: readonly MemoryItem[], query: string, limit: number): readonly MemoryItem[] {
  const words = toSearchWords(query);
  const hits = items.map((item) => ({ item, ...weigh([item.text, ...item.tags].join("\n"), words) }));
  return best(
    hits.filter(({ found }) => found > 0),
    limit,
  ).map(({ item }) => item);
}

/** How many of the words occur, and how much of the text they are. */
function weigh(text: string, words: readonly string[]): { readonly found: number; readonly score: number } {
  const tokens = toTokens(text);
  const found = words.filter((word) => findWord(tokens, word) >= 0).length;
  return { found, score: found / (tokens.length + 1) };
}

const best = <Hit extends { readonly score: number }>(hits: readonly Hit[], limit: number): readonly Hit[] =>
  hits
    .toReversed()
    .sort((left, right) => right.score - left.score)
    .slice(0, Math.max(0, limit));
