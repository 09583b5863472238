import { CoreError } from "../errors.ts";
import type { Store } from "../store/store.ts";
import { takeLease } from "./lease-keeper.ts";

export interface DeleteSessionOptions {
  readonly id: string;
  /** Of the lease under which it is done: a fresh id. */
  readonly token: string;
  readonly nowMs: number;
}

/**
 * Takes a session away for good, with the blobs that no other refers to; its id is never free again. One that somebody
 * has open stays.
 *
 * @throws {CoreError} `session_not_found`; `session_busy` naming the process; `store_rejected` while it has children.
 */
export function deleteSession(store: Store, { id, token, nowMs }: DeleteSessionOptions): void {
  if (store.readSession(id) === null) throw new CoreError("session_not_found", `no session ${JSON.stringify(id)}`);
  store.together(() => {
    store.deleteSession(takeLease(store, id, { token, nowMs }));
    store.collectBlobs();
  });
}
