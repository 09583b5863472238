import { CoreError } from "../errors.ts";
import type { SessionRecord, SessionWriter } from "../store/session-record.ts";
import type { Store } from "../store/store.ts";
import { endOpenTurn } from "./end-open-turn.ts";
import { keepDraft } from "./keep-draft.ts";
import { takeLease } from "./lease-keeper.ts";
import { SessionLife } from "./session-life.ts";

export interface StoredSessionOptions {
  readonly sessionId: string;
  /** A fresh id, each time it is called. */
  readonly id: () => string;
  readonly nowMs: number;
}

/**
 * Holds new turns of a session that nobody has open. One that is paused stays as it is.
 *
 * @throws {CoreError} `session_not_found`; `session_busy` naming the process that has it open; `session_ended`.
 */
export function pauseStoredSession(store: Store, options: StoredSessionOptions): SessionRecord {
  return changeLife(store, options, (life) => {
    if (life.state !== "paused" && !life.pause()) life.checkTakesPrompts(options.sessionId);
  });
}

/**
 * Has a session that nobody has open take prompts again, be it paused, completed or failed.
 *
 * @throws {CoreError} `session_not_found`; `session_busy` naming the process that has it open; `session_ended` for one whose
 * state cannot be understood.
 */
export function resumeStoredSession(store: Store, options: StoredSessionOptions): SessionRecord {
  return changeLife(store, options, (life) => {
    if (!life.resume() && !life.reopen()) life.checkTakesPrompts(options.sessionId);
  });
}

/**
 * Takes a session that nobody has open back to an entry of its path, or with null to before the first: the next prompt
 * follows it. What came after stays on record, as a branch; tasks, costs and files stay as they are. A turn in whose middle
 * that is counts as cancelled there.
 *
 * @throws {CoreError} `session_not_found`; `session_busy` naming the process that has it open; `store_rejected` for an entry
 * that is not on the path.
 */
export function rewindStoredSession(
  store: Store,
  options: StoredSessionOptions & { readonly entryId: string | null },
): SessionRecord {
  const { entryId: leafId, id, nowMs } = options;
  return asOwner(store, options, (writer) => {
    keepDraft(store, writer, { id, nowMs });
    store.changeSession(writer, { leafId }, nowMs);
    endOpenTurn(store, writer, { leafId, id: id(), nowMs });
  });
}

function changeLife(store: Store, options: StoredSessionOptions, act: (life: SessionLife) => void): SessionRecord {
  return asOwner(store, options, (writer, record) =>
    act(new SessionLife(record, (change) => store.changeSession(writer, change, options.nowMs))),
  );
}

/** As a process that opens the session, does one thing and closes it: wholly or not at all. */
function asOwner(
  store: Store,
  { sessionId, id, nowMs }: StoredSessionOptions,
  act: (writer: SessionWriter, record: SessionRecord) => void,
): SessionRecord {
  const read = (): SessionRecord => {
    const record = store.readSession(sessionId);
    if (record === null) throw new CoreError("session_not_found", `no session ${JSON.stringify(sessionId)}`);
    return record;
  };
  return store.together(() => {
    read();
    const token = id();
    const writer = takeLease(store, sessionId, { token, nowMs });
    act(writer, read());
    store.releaseLease(sessionId, token);
    return read();
  });
}
