import type { LiveBatch, LiveStore } from "./live-store.ts";
import { checkRow } from "./memory-checks.ts";
import { needWritable, type OpenTables } from "./memory-tables.ts";

export function createMemoryLive(open: OpenTables): LiveStore {
  return {
    writeLive(writer, batch, keep) {
      const tables = open();
      tables.log.transaction(() => {
        checkRow({ whole: [batch.firstSeq, batch.count, batch.createdAtMs] });
        const session = needWritable(tables, writer);
        const oldest = lastSeq(batch) - keep.events;
        const live = [...session.live, { ...batch, fence: writer.fence }].filter(
          (known) => lastSeq(known) > oldest && known.createdAtMs >= keep.sinceMs,
        );
        tables.log.assign(session, { live });
      });
    },
    readLive: (sessionId, afterSeq) =>
      (open().sessions.get(sessionId)?.live ?? []).filter((batch) => lastSeq(batch) > afterSeq),
    // Nobody else can write to it.
    changeMarker: () => 0,
  };
}

const lastSeq = ({ firstSeq, count }: Pick<LiveBatch, "firstSeq" | "count">): number => firstSeq + count - 1;
