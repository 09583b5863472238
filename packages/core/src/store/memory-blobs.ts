import { toBlobHash } from "./blob-codec.ts";
import type { BlobStore } from "./blob-store.ts";
import { needWritable, type OpenTables } from "./memory-tables.ts";

export function createMemoryBlobs(open: OpenTables): BlobStore {
  return {
    writeBlob(writer, bytes) {
      const tables = open();
      const hash = toBlobHash(bytes);
      tables.log.transaction(() => {
        const session = needWritable(tables, writer);
        if (!tables.blobs.has(hash)) tables.log.set(tables.blobs, hash, Uint8Array.from(bytes));
        tables.log.set(session.blobHashes, hash, true);
      });
      return hash;
    },
    readBlob(sessionId, hash) {
      const { sessions, blobs } = open();
      const bytes = sessions.get(sessionId)?.blobHashes.has(hash) ? blobs.get(hash) : undefined;
      return bytes === undefined ? null : Uint8Array.from(bytes);
    },
    collectBlobs() {
      const { log, sessions, blobs } = open();
      const used = new Set([...sessions.values()].flatMap((session) => [...session.blobHashes.keys()]));
      const unused = [...blobs.keys()].filter((hash) => !used.has(hash));
      return log.transaction(() => log.remove(blobs, unused));
    },
  };
}
