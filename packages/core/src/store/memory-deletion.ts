import { CoreError } from "../errors.ts";
import { createMemorySession, type MemoryTables, needWritable } from "./memory-tables.ts";
import type { SessionWriter } from "./session-record.ts";

/** Takes away what belongs to one session, but not its usage. It stays known as deleted: the id is never free again. */
export function deleteSession(tables: MemoryTables, writer: SessionWriter): void {
  const { log, sessions, entries, waits } = tables;
  const session = needWritable(tables, writer);
  const { sessionId } = writer;
  const others = [...sessions.values()].filter((other) => other !== session);
  if (others.some((other) => !other.isDeleted && other.record.parentId === sessionId)) {
    throw new CoreError("store_rejected", `session ${sessionId} has children: delete them first`);
  }
  log.remove(entries, session.entryIds);
  const ownWaits = [...waits.values()].filter((wait) => wait.sessionId === sessionId);
  log.remove(
    waits,
    ownWaits.map(({ key }) => key),
  );
  log.assign(session, {
    ...createMemorySession({ ...session.record, title: null, stateReason: null, parentId: null, leafId: null }),
    isDeleted: true,
    // What was spent stays spent.
    usage: session.usage,
  });
}
