import type { SessionWriter } from "../../src/store/session-record.ts";
import type { Store } from "../../src/store/store.ts";

/** The lease of a process that is gone: with it a test writes what that process left. */
export function writeAfterDeath(store: Store, sessionId: string): SessionWriter {
  const dead = { token: "dead", pid: 2 ** 30, startMarker: "", place: "nowhere", renewedAtMs: 0 };
  const lease = store.acquireLease(sessionId, dead, () => false);
  if (lease.kind === "busy") throw new Error("the session is open");
  return lease.writer;
}
