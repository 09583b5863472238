import { createHash } from "node:crypto";
import { deflateSync, inflateSync } from "node:zlib";
import { CoreError } from "../errors.ts";

/** A blob as it is kept. `size` is that of the bytes themselves. */
export interface PackedBlob {
  readonly size: number;
  readonly encoding: "raw" | "deflate";
  readonly bytes: Uint8Array;
}

/** The SHA-256 of the bytes, in lower-case hex: the name of a blob. */
export function toBlobHash(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Smaller, where that can be had quickly. */
export function packBlob(bytes: Uint8Array): PackedBlob {
  // The fastest level: the process stands still meanwhile.
  const deflated = deflateSync(bytes, { level: 1 });
  return deflated.length < bytes.length
    ? { size: bytes.length, encoding: "deflate", bytes: deflated }
    : { size: bytes.length, encoding: "raw", bytes };
}

/**
 * The bytes of a blob.
 *
 * @throws {CoreError} `store_failed` when they are not those that `hash` names.
 */
export function unpackBlob(hash: string, { size, encoding, bytes }: PackedBlob): Uint8Array {
  const unpacked = encoding === "raw" ? bytes : inflate(bytes, size);
  if (unpacked === null || toBlobHash(unpacked) !== hash) {
    throw new CoreError("store_failed", `blob ${hash} is damaged`);
  }
  return new Uint8Array(unpacked.buffer, unpacked.byteOffset, unpacked.byteLength);
}

function inflate(bytes: Uint8Array, size: number): Uint8Array | null {
  try {
    return inflateSync(bytes, { maxOutputLength: Math.max(1, size) });
  } catch {
    // The caller says that it is damaged.
    return null;
  }
}
