import { CoreError } from "../errors.ts";
import type { SessionRecord } from "../store/session-record.ts";
import type { Store } from "../store/store.ts";
import { endOpenTurn } from "./end-open-turn.ts";
import { takeLease } from "./lease-keeper.ts";

export interface ForkOptions {
  readonly sourceId: string;
  /** The entry after which the fork begins, on the path of the source. Absent: where the source is now. */
  readonly atEntryId?: string | undefined;
  /** A fresh id, each time it is called. */
  readonly id: () => string;
  readonly nowMs: number;
}

/**
 * A new session over the same past: it shows the source's entries up to one of them and goes its own way from there. Its
 * tasks and its model are the source's; questions and queued inputs are not, and a turn in whose middle it begins counts as
 * cancelled there. The source stays as it is, byte for byte.
 *
 * @throws {CoreError} `session_not_found`; `store_rejected` for an entry that is not on the source's path.
 */
export function forkSession(store: Store, options: ForkOptions): SessionRecord {
  const { sourceId, nowMs } = options;
  const id = options.id();
  const token = options.id();
  return store.together(() => {
    const source = store.readSession(sourceId);
    if (source === null) throw new CoreError("session_not_found", `no session ${JSON.stringify(sourceId)}`);
    const leafId = options.atEntryId ?? source.leafId;
    const title = source.title === null ? null : `${source.title} (fork)`;
    const fresh = { state: "active", stateReason: null, fence: 0, createdAtMs: nowMs, updatedAtMs: nowMs } as const;
    store.createSession({ ...source, ...fresh, id, title, parentId: sourceId, leafId });
    const writer = takeLease(store, id, { token, nowMs });
    store.writeTasks(writer, store.readTasks(sourceId), nowMs);
    store.writeOwnedFiles(writer, store.readOwnedFiles(sourceId));
    // A turn that runs in the source is the source's to end.
    endOpenTurn(store, writer, { leafId, id: options.id(), nowMs });
    store.releaseLease(id, token);
    return store.readSession(id) ?? { ...source, ...fresh, id, title, parentId: sourceId, leafId };
  });
}
