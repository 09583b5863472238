/**
 * What one session knows about files: which it created, and in which state it last saw each.
 * Paths are absolute with links resolved; fingerprints come from `fingerprintOf`.
 */
export class FileTracker {
  readonly #owned: Set<string>;
  readonly #seen = new Map<string, string>();

  /** `owned`: files that this session created in an earlier run. */
  constructor(owned: Iterable<string>) {
    this.#owned = new Set(owned);
  }

  recordRead(path: string, fingerprint: string): void {
    this.#seen.set(path, fingerprint);
  }

  /** A created file is owned until it is deleted; changing someone else's file does not make it ours. `fingerprint` is ignored for a deletion. */
  recordWrite(path: string, kind: "created" | "changed" | "deleted", fingerprint: string): void {
    if (kind === "deleted") {
      this.#owned.delete(path);
      this.#seen.delete(path);
      return;
    }
    if (kind === "created") this.#owned.add(path);
    this.#seen.set(path, fingerprint);
  }

  isOwned(path: string): boolean {
    return this.#owned.has(path);
  }

  /** A copy. */
  owned(): ReadonlySet<string> {
    return new Set(this.#owned);
  }

  /** Read or written by this session. */
  isKnown(path: string): boolean {
    return this.#seen.has(path);
  }

  /** Known, and changed by someone else since. False for a file never read. */
  isStale(path: string, currentFingerprint: string): boolean {
    const seen = this.#seen.get(path);
    return seen !== undefined && seen !== currentFingerprint;
  }
}
