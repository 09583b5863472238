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
 * The last turn of a path, when it has no end. Null when it has one, and when its prompt is out of reach or from a version
 * that did not number its turns: such a turn is not continued, but the conversation goes on after it.
 */
export function findUnfinishedTurn(entries: readonly Entry[]): UnfinishedTurn | null {
  const last = entries.findLast(({ content }) => content.kind !== "summary");
  if (last === undefined || last.content.kind === "turn-end") return null;
  for (const { turnId, content } of entries) {
    if (turnId !== last.turnId || content.kind !== "user" || content.turn === undefined) continue;
    return { turnId, prompt: content.text, turnNumber: content.turn.number, protocol: content.turn.protocol };
  }
  return null;
}
