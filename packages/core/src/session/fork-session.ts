import { CoreError } from "../errors.ts";
import type { SessionRecord } from "../store/session-record.ts";
import type { Store } from "../store/store.ts";
import { isOwnerAlive, toLeaseOwner } from "./process-identity.ts";

export interface ForkOptions {
  readonly sourceId: string;
  /** The entry after which the fork begins, on the path of the source. Absent: where the source is now. */
  readonly atEntryId?: string | undefined;
  /** Fresh: of the new session, and of the lease under which it is made. */
  readonly id: string;
  readonly token: string;
  readonly nowMs: number;
}

/**
 * A new session over the same past: it shows the source's entries up to one of them and goes its own way from there. Its
 * tasks and its model are the source's; questions and queued inputs are not. The source stays as it is, byte for byte.
 *
 * @throws {CoreError} `session_not_found`; `store_rejected` for an entry that is not on the source's path.
 */
export function forkSession(store: Store, options: ForkOptions): SessionRecord {
  const { sourceId, id, token, nowMs } = options;
  return store.together(() => {
    const source = store.readSession(sourceId);
    if (source === null) throw new CoreError("session_not_found", `no session ${JSON.stringify(sourceId)}`);
    const leafId = options.atEntryId ?? source.leafId;
    const title = source.title === null ? null : `${source.title} (fork)`;
    const fresh = { state: "active", stateReason: null, fence: 0, createdAtMs: nowMs, updatedAtMs: nowMs } as const;
    store.createSession({ ...source, ...fresh, id, title, parentId: sourceId, leafId });
    const owner = toLeaseOwner(token, nowMs);
    const lease = store.acquireLease(id, owner, (other) => isOwnerAlive(other, { place: owner.place, nowMs }));
    if (lease.kind === "held") {
      store.writeTasks(lease.writer, store.readTasks(sourceId), nowMs);
      store.writeOwnedFiles(lease.writer, store.readOwnedFiles(sourceId));
      store.releaseLease(id, token);
    }
    return store.readSession(id) ?? { ...source, ...fresh, id, title, parentId: sourceId, leafId };
  });
}
