import { CoreError } from "../errors.ts";
import { engineEventSchema } from "../events/engine-event-schema.ts";
import type { Effects } from "../ports/effects.ts";
import type { LeaseOwner } from "../store/session-record.ts";
import { type AttachCursor, parseCursor, toCursorText } from "./attach-cursor.ts";
import type { AttachItem } from "./attach-item.ts";
import { toLiveItems } from "./live-items.ts";
import { needSession, type ObservedStore, readPlace, readState, type SettledPlace } from "./read-state.ts";

export interface AttachOptions {
  /** The one that the session writes to, or another one on the same file. Nothing is written to it. */
  readonly store: ObservedStore;
  readonly sessionId: string;
  /** Where an earlier attach has ended. Absent: begin with the state. */
  readonly cursor?: string | undefined;
  /** Ends it: the loop throws `signal.reason`. */
  readonly signal: AbortSignal;
  /** How often the store is asked whether anything is new, at least 1. Absent: every 50 ms. */
  readonly pollMs?: number | undefined;
  readonly effects: Pick<Effects, "sleep" | "now">;
  /** Whether the process that has the session open still runs. */
  readonly isAlive: (owner: LeaseOwner) => boolean;
}

const defaultPollMs = 50;
/** How long the live log may lag behind the journal before the state is taken as it is; it is written every 100 ms. */
const maxLagMs = 500;
/** A process that dies writes nothing, so it is looked for without a reason. */
const lookForOwnerMs = 1000;

/**
 * Looks on while another process, or this one, runs a session. First what is settled, then every event from there on:
 * none twice, none left out without a `gap`. With a cursor: the events after it, or a `gap` and a state when they are not
 * kept any more. A new state comes also when another process has taken over the session. Events that this version does
 * not know are left out.
 *
 * @throws {CoreError} at `next()`: `bad_cursor` (malformed, of another session, never reached), `bad_option`,
 * `session_not_found`, `store_failed`.
 */
export async function* attachSession(options: AttachOptions): AsyncGenerator<AttachItem, void> {
  const { store, sessionId, signal, effects, isAlive } = options;
  const { pollMs = defaultPollMs } = options;
  if (!(pollMs >= 1)) throw new CoreError("bad_option", `pollMs is a number from 1, not ${pollMs}`);
  const wait = (): Promise<void> => effects.sleep(`${sessionId}/attach`, pollMs, { signal });
  /** Null: a state is due, and no event up to `floor` may follow it. */
  let place = options.cursor === undefined ? null : findPlace(store, parseCursor(options.cursor, sessionId));
  let floor = 0;
  let isGoneTold = false;
  while (true) {
    signal.throwIfAborted();
    if (place === null) {
      const settled = await readExactPlace(options, wait);
      place = { sessionId, fence: settled.session.fence, seq: Math.max(floor, settled.seq) };
      yield { kind: "state", ...readState(store, settled, effects.now()), cursor: toCursorText(place) };
    }
    const marker = store.changeMarker();
    // Asked before the events are read: whoever is gone by now has written all that there will be.
    const { fence } = needSession(store, sessionId);
    const owner = store.readLease(sessionId);
    const isGone = owner === null || !isAlive(owner);

    for (const batch of store.readLive(sessionId, place.seq)) {
      const missed = batch.firstSeq - 1 - place.seq;
      if (missed > 0) yield { kind: "gap", missed };
      if (missed > 0 || batch.fence > place.fence) {
        floor = Math.max(place.seq, batch.firstSeq - 1);
        place = null;
        break;
      }
      for (const item of toLiveItems(batch)) {
        if (item.kind === "mark" || item.seq <= place.seq) continue;
        place = { ...place, seq: item.seq };
        const event = engineEventSchema.safeParse(item.event);
        if (event.success) yield { kind: "event", event: event.data, cursor: toCursorText(place) };
      }
    }
    if (place !== null && fence > place.fence) {
      floor = place.seq;
      place = null;
    }
    if (place === null) continue;

    if (isGone && !isGoneTold) yield { kind: "owner-gone" };
    isGoneTold = isGone;
    const { seq } = place;
    // The marker tells what other processes write; what this one does shows in the log alone.
    const hasNews = (): boolean => store.changeMarker() !== marker || store.readLive(sessionId, seq).length > 0;
    for (let waitedMs = 0; waitedMs < lookForOwnerMs && !hasNews(); waitedMs += pollMs) await wait();
  }
}

/** The settled place once the log has caught up; after a while, or when nobody writes any more, the one there is. */
async function readExactPlace(
  { store, sessionId, isAlive, pollMs = defaultPollMs }: AttachOptions,
  wait: () => Promise<void>,
): Promise<SettledPlace> {
  for (let waitedMs = 0; ; waitedMs += pollMs) {
    const owner = store.readLease(sessionId);
    const settled = readPlace(store, sessionId);
    if (settled.isExact || waitedMs >= maxLagMs || owner === null || !isAlive(owner)) return settled;
    await wait();
  }
}

/** Checks a cursor against what the session has reached. */
function findPlace(store: ObservedStore, cursor: AttachCursor): AttachCursor {
  const { fence } = needSession(store, cursor.sessionId);
  // The log keeps at least its last batch, so a place that was reached is in a batch or before one.
  const [next] = store.readLive(cursor.sessionId, Math.max(0, cursor.seq - 1));
  const isReached = next === undefined ? cursor.seq === 0 : next.firstSeq > cursor.seq || next.fence <= cursor.fence;
  if (cursor.fence > fence || !isReached) {
    throw new CoreError("bad_cursor", `session ${cursor.sessionId} has never been where the cursor says`);
  }
  return cursor;
}
