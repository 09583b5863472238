import { CoreError } from "../errors.ts";
import { needSession, needWritable, type OpenTables } from "./memory-tables.ts";
import type { SessionStore } from "./session-store.ts";

type LeaseStore = Pick<SessionStore, "acquireLease" | "renewLease" | "readLease" | "releaseLease">;

export function createMemoryLeases(open: OpenTables): LeaseStore {
  return {
    acquireLease(sessionId, owner, isAlive) {
      const tables = open();
      return tables.log.transaction(() => {
        const session = needSession(tables, sessionId);
        if (session.lease !== null && isAlive(session.lease)) return { kind: "busy", owner: session.lease };
        const fence = session.record.fence + 1;
        tables.log.assign(session, { lease: owner, record: { ...session.record, fence } });
        return { kind: "held", writer: { sessionId, fence } };
      });
    },
    renewLease(writer, nowMs) {
      const tables = open();
      tables.log.transaction(() => {
        const session = needWritable(tables, writer);
        const { lease } = session;
        if (lease === null) throw new CoreError("lease_lost", `the lease on ${writer.sessionId} was given back`);
        tables.log.assign(session, { lease: { ...lease, renewedAtMs: Math.max(lease.renewedAtMs, nowMs) } });
      });
    },
    readLease: (sessionId) => open().sessions.get(sessionId)?.lease ?? null,
    releaseLease(sessionId, token) {
      const { log, sessions } = open();
      const session = sessions.get(sessionId);
      if (session?.lease?.token === token) log.transaction(() => log.assign(session, { lease: null }));
    },
  };
}
