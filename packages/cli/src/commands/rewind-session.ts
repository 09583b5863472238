import { createInProcessEffects, listPrompts, rewindStoredSession, type SessionRecord, type Store } from "@koda/core";
import { CliError } from "../errors.ts";
import type { RewindTarget } from "../invocation.ts";

export interface Rewound {
  readonly session: SessionRecord;
  /** The first prompt that is unsaid now; null where nothing was. */
  readonly undonePrompt: string | null;
}

/**
 * `koda sessions rewind`: the session goes on from an earlier place. Nothing is removed from its record, and no file changes.
 *
 * @throws {CliError} `usage` for more turns than there are.
 * @throws {CoreError} `session_busy` naming the process that has it open; `store_rejected` for an entry that it does not lead to.
 */
export function rewindSession(store: Store, record: SessionRecord, to: RewindTarget): Rewound {
  const prompts = listPrompts(store, record);
  const effects = createInProcessEffects();
  const options = { sessionId: record.id, id: () => effects.id(), nowMs: effects.now() };
  if (to.kind === "entry") {
    const session = rewindStoredSession(store, { ...options, entryId: to.entryId });
    return { session, undonePrompt: prompts[listPrompts(store, session).length]?.text ?? null };
  }
  const first = prompts[prompts.length - to.turns];
  if (first === undefined) {
    const message = `session ${record.id} has ${prompts.length} turns, so it cannot go back by ${to.turns}`;
    throw new CliError("usage", message);
  }
  const session = rewindStoredSession(store, { ...options, entryId: first.beforeId });
  return { session, undonePrompt: first.text };
}
