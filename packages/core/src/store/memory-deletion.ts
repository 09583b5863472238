import { CoreError } from "../errors.ts";
import { toPath } from "./memory-path.ts";
import { createMemorySession, type MemoryTables, needWritable } from "./memory-tables.ts";
import type { SessionWriter } from "./session-record.ts";

/** Takes away what belongs to one session. It stays known as deleted: the id is never free again. */
export function deleteSession(tables: MemoryTables, writer: SessionWriter): void {
  const { log, sessions, entries, waits } = tables;
  const session = needWritable(tables, writer);
  const { sessionId } = writer;
  const others = [...sessions.values()].filter((other) => other !== session);
  if (others.some((other) => !other.isDeleted && other.record.parentId === sessionId)) {
    throw new CoreError("store_rejected", `session ${sessionId} has children: delete them first`);
  }
  const kept = new Set<string>();
  for (const { record, entryIds } of others) {
    for (const leaf of [record.leafId, ...entryIds]) {
      for (const id of toPath(tables, leaf)) kept.add(id);
    }
  }
  log.remove(
    entries,
    session.entryIds.filter((id) => !kept.has(id)),
  );
  const ownWaits = [...waits.values()].filter((wait) => wait.sessionId === sessionId);
  log.remove(
    waits,
    ownWaits.map(({ key }) => key),
  );
  const calls = [...session.calls].filter(([, { record }]) => kept.has(record.entryId));
  log.assign(session, {
    ...createMemorySession({ ...session.record, title: null, stateReason: null, parentId: null, leafId: null }),
    isDeleted: true,
    entryIds: session.entryIds.filter((id) => kept.has(id)),
    calls: new Map(calls),
  });
}
