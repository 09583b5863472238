import { CoreError } from "../errors.ts";
import type { LiveMark } from "../events/live-mark.ts";
import type { Draft } from "../store/entry.ts";
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

export interface StateReading {
  readonly state: Omit<AttachState, "kind" | "cursor">;
  /** The last live event that is part of the state. */
  readonly seq: number;
  /** False when the live log lags behind the state, so that events after `seq` may tell what the state has. */
  readonly isExact: boolean;
}

/** How often a state is read anew because others wrote meanwhile. The last one stands: the next change brings another. */
const maxReadings = 20;

/**
 * Reads a session's settled state, and the place in its live log that it stands for.
 *
 * @throws {CoreError} `session_not_found`, `store_failed`.
 */
export function readState(store: ObservedStore, sessionId: string, nowMs: number): StateReading {
  for (let readings = 1; ; readings += 1) {
    const marker = store.changeMarker();
    const reading = readOnce(store, sessionId, nowMs);
    if (store.changeMarker() === marker || readings === maxReadings) return reading;
  }
}

function readOnce(store: ObservedStore, sessionId: string, nowMs: number): StateReading {
  const session = store.readSession(sessionId);
  if (session === null) throw new CoreError("session_not_found", `no session ${JSON.stringify(sessionId)}`);
  const draft = store.readDraft(sessionId);
  const state = {
    session,
    entries: readPath(store, sessionId, session.leafId),
    calls: store.readCalls(sessionId),
    draft,
    openWaits: store.listWaits(sessionId, { state: "open", nowMs }),
  };
  const { end, lastMark } = readEnd(store, sessionId);
  if (end === 0) return { state, seq: 0, isExact: session.leafId === null && draft === null };
  if (lastMark !== null && isSame(lastMark.mark, session.leafId, draft)) {
    return { state, seq: lastMark.seq, isExact: true };
  }
  return { state, seq: end, isExact: false };
}

/** The number of the last live event, and the last mark with the number of the event before it. */
function readEnd(
  store: ObservedStore,
  sessionId: string,
): { readonly end: number; readonly lastMark: { readonly mark: LiveMark; readonly seq: number } | null } {
  let end = 0;
  let lastMark: { readonly mark: LiveMark; readonly seq: number } | null = null;
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
