import type { SessionWriter } from "./session-record.ts";

/** Bytes too large for a row, kept once whoever has them. */
export interface BlobStore {
  /** Stores the bytes, unless they are there, and lets the session refer to them. The SHA-256 in lower-case hex. */
  writeBlob(writer: SessionWriter, bytes: Uint8Array): string;
  /** Null when there is none, or when the session does not refer to it: a guessed hash opens nothing. */
  readBlob(sessionId: string, hash: string): Uint8Array | null;
  /** Takes away what no session refers to. How many. */
  collectBlobs(): number;
}
