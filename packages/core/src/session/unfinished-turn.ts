import type { Entry } from "../store/entry.ts";

/** A turn that a process left without its end, by dying or because the session was paused. */
export interface UnfinishedTurn {
  readonly turnId: string;
  readonly prompt: string;
  readonly turnNumber: number;
  /** The rules by which it ran. */
  readonly protocol: number;
}

/**
 * The last turn of a path, when it has no end. `entries` are the end of the path; its prompt may lie before them, behind a
 * summary, and is read then. Null when the turn has an end, and when it is from a version that did not number its turns:
 * such a turn is not continued, but the conversation goes on after it.
 */
export function findUnfinishedTurn(
  entries: readonly Entry[],
  readEntry: (id: string) => Entry | null,
): UnfinishedTurn | null {
  const last = entries.findLast(isSaid) ?? readSaid(entries.at(-1) ?? null, readEntry);
  if (last === null || last.content.kind === "turn-end") return null;
  const prompt = entries.find((entry) => isPromptOf(entry, last.turnId)) ?? readPrompt(last, readEntry);
  if (prompt?.content.kind !== "user" || prompt.content.turn === undefined) return null;
  const { number, protocol } = prompt.content.turn;
  return { turnId: last.turnId, prompt: prompt.content.text, turnNumber: number, protocol };
}

const isSaid = ({ content }: Entry): boolean => content.kind !== "summary";

/** What was said last, where a summary stands for all of it. */
function readSaid(from: Entry | null, readEntry: (id: string) => Entry | null): Entry | null {
  let entry = from;
  while (entry !== null && !isSaid(entry)) entry = entry.parentId === null ? null : readEntry(entry.parentId);
  return entry;
}

/** Goes back as far as the turn reaches. */
function readPrompt(last: Entry, readEntry: (id: string) => Entry | null): Entry | null {
  for (let entry: Entry | null = last; entry?.turnId === last.turnId; ) {
    if (isPromptOf(entry, last.turnId)) return entry;
    entry = entry.parentId === null ? null : readEntry(entry.parentId);
  }
  return null;
}

const isPromptOf = ({ turnId, content }: Entry, id: string): boolean =>
  turnId === id && content.kind === "user" && content.source === "prompt";
