import { z } from "zod";
import type { LiveBatch, LiveStore } from "./live-store.ts";
import { parseRow } from "./parse-row.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { checkWriter } from "./sqlite-writer.ts";

export function createLiveStore(connection: SqliteConnection): LiveStore {
  return {
    writeLive: (writer, batch, keep) =>
      connection.transaction(() => {
        checkWriter(connection, writer);
        const lastSeq = batch.firstSeq + batch.count - 1;
        connection.run(
          `INSERT INTO live_events (session_id, fence, first_seq, last_seq, created_at, events)
           VALUES (?, ?, ?, ?, ?, ?)`,
          writer.sessionId,
          writer.fence,
          batch.firstSeq,
          lastSeq,
          batch.createdAtMs,
          batch.eventsJson,
        );
        connection.run(
          "DELETE FROM live_events WHERE session_id = ? AND (last_seq <= ? OR created_at < ?)",
          writer.sessionId,
          lastSeq - keep.events,
          keep.sinceMs,
        );
      }),
    readLive: (sessionId, afterSeq) =>
      connection
        .all(
          `SELECT fence, first_seq AS firstSeq, last_seq - first_seq + 1 AS count, events AS eventsJson,
             created_at AS createdAtMs FROM live_events WHERE session_id = ? AND last_seq > ? ORDER BY fence, first_seq`,
          sessionId,
          afterSeq,
        )
        .map((row) => parseRow(batchRow, row)),
    changeMarker: () => connection.readPragma("data_version"),
  };
}

const batchRow: z.ZodType<LiveBatch> = z.object({
  fence: z.number(),
  firstSeq: z.number(),
  count: z.number(),
  eventsJson: z.string(),
  createdAtMs: z.number(),
});
