import { CoreError } from "../errors.ts";
import type { LiveMark } from "../events/live-mark.ts";
import type { Draft } from "../store/entry.ts";
import type { SessionRecord } from "../store/session-record.ts";
import type { Store } from "../store/store.ts";
import type { AttachState } from "./attach-item.ts";
import { toLiveItems } from "./live-items.ts";
import { readPath } from "./read-path.ts";

/** What looking on asks of a store. Nothing is written. */
export type ObservedStore = Pick<
  Store,
  | "readSession"
  | "readLease"
  | "readEntries"
  | "readEntry"
  | "readCalls"
  | "readDraft"
  | "listWaits"
  | "readLive"
  | "changeMarker"
>;

/** How far a session is settled, and the place in its live log that this stands for. */
export interface SettledPlace {
  readonly session: SessionRecord;
  readonly draft: Draft | null;
  /** The last live event that is settled. */
  readonly seq: number;
  /** False when the live log lags behind the journal, so that events after `seq` may tell what is settled. */
  readonly isExact: boolean;
}

/**
 * The leaf, the draft and the log are read one after the other, and the session may be written meanwhile. They belong
 * together all the same when the last mark in the log names this leaf and a draft as long as this one: then there was a
 * moment at which all three were so.
 *
 * @throws {CoreError} `session_not_found`, `store_failed`.
 */
export function readPlace(store: ObservedStore, sessionId: string): SettledPlace {
  const session = needSession(store, sessionId);
  const draft = store.readDraft(sessionId);
  const { end, lastMark } = readEnd(store, sessionId);
  if (end === 0) return { session, draft, seq: 0, isExact: session.leafId === null && draft === null };
  if (lastMark !== null && isSame(lastMark.mark, session.leafId, draft)) {
    return { session, draft, seq: lastMark.seq, isExact: true };
  }
  return { session, draft, seq: end, isExact: false };
}

/** What is settled at `place`. Entries never change; calls and questions may be later ones already. */
export function readState(
  store: ObservedStore,
  { session, draft }: SettledPlace,
  nowMs: number,
): Omit<AttachState, "kind" | "cursor"> {
  return {
    session,
    entries: readPath(store, session.id, session.leafId),
    calls: store.readCalls(session.id),
    draft,
    openWaits: store.listWaits(session.id, { state: "open", nowMs }),
  };
}

/** @throws {CoreError} `session_not_found` */
export function needSession(store: ObservedStore, sessionId: string): SessionRecord {
  const session = store.readSession(sessionId);
  if (session === null) throw new CoreError("session_not_found", `no session ${JSON.stringify(sessionId)}`);
  return session;
}

interface MarkPlace {
  readonly mark: LiveMark;
  /** The event before it. */
  readonly seq: number;
}

function readEnd(
  store: ObservedStore,
  sessionId: string,
): { readonly end: number; readonly lastMark: MarkPlace | null } {
  let end = 0;
  let lastMark: MarkPlace | null = null;
  for (const batch of store.readLive(sessionId, 0)) {
    end = batch.firstSeq - 1;
    for (const item of toLiveItems(batch)) {
      if (item.kind === "mark") lastMark = { mark: item.mark, seq: end };
      else end = item.seq;
    }
  }
  return { end, lastMark };
}

function isSame(mark: LiveMark, leafId: string | null, draft: Draft | null): boolean {
  return (
    mark.leafId === leafId &&
    mark.draftText === (draft?.text.length ?? 0) &&
    mark.draftThinking === (draft?.thinking.length ?? 0)
  );
}
