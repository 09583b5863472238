import { z } from "zod";
import { packBlob, toBlobHash, unpackBlob } from "./blob-codec.ts";
import type { BlobStore } from "./blob-store.ts";
import { parseRow } from "./parse-row.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { checkWriter } from "./sqlite-writer.ts";

export function createBlobStore(connection: SqliteConnection): BlobStore {
  const isStored = (hash: string): boolean => connection.get("SELECT 1 FROM blobs WHERE hash = ?", hash) !== undefined;
  return {
    writeBlob(writer, bytes) {
      const hash = toBlobHash(bytes);
      // Before the lock is taken; who had it collected in between makes it be packed again.
      const packed = isStored(hash) ? null : packBlob(bytes);
      return connection.transaction(() => {
        checkWriter(connection, writer);
        if (!isStored(hash)) {
          const { size, encoding, bytes: content } = packed ?? packBlob(bytes);
          connection.run(
            "INSERT INTO blobs (hash, size, encoding, bytes) VALUES (?, ?, ?, ?)",
            hash,
            size,
            encoding,
            content,
          );
        }
        connection.run(
          "INSERT INTO blob_references (session_id, hash) VALUES (?, ?) ON CONFLICT DO NOTHING",
          writer.sessionId,
          hash,
        );
        return hash;
      });
    },
    readBlob(sessionId, hash) {
      const row = connection.get(
        `SELECT size, encoding, bytes FROM blobs JOIN blob_references USING (hash) WHERE session_id = ? AND hash = ?`,
        sessionId,
        hash,
      );
      return row === undefined ? null : unpackBlob(hash, parseRow(blobRow, row));
    },
    collectBlobs: () => connection.run("DELETE FROM blobs WHERE hash NOT IN (SELECT hash FROM blob_references)"),
  };
}

const blobRow = z.object({
  size: z.number(),
  encoding: z.enum(["raw", "deflate"]),
  bytes: z.instanceof(Uint8Array),
});
