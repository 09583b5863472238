import type { BlobStore } from "./blob-store.ts";
import type { InputStore } from "./input-store.ts";
import type { JournalStore } from "./journal-store.ts";
import type { LedgerStore } from "./ledger-store.ts";
import type { LiveStore } from "./live-store.ts";
import type { MemoryItemStore } from "./memory-item-store.ts";
import type { ProjectStore } from "./project-store.ts";
import type { SessionStore } from "./session-store.ts";
import type { TaskStore } from "./task-store.ts";
import type { WaitStore } from "./wait-store.ts";

/**
 * Everything that outlives a process. Each method is one transaction: it happens whole or not at all, and
 * what it wrote survives the process at once. A power cut may lose the last moments, never more. Times are epoch
 * milliseconds.
 *
 * Every method throws {@link CoreError} and changes nothing when it cannot do its work: `store_failed` when the medium
 * is not to be had, so that the same call may work later; `store_rejected` when what was given breaks a rule of the
 * store (an id used twice, a session or parent that is not there, a value out of range), so that it never will;
 * `lease_lost`, from every method that takes a {@link SessionWriter}, when a later lease on the session was taken.
 */
export interface Store
  extends SessionStore,
    JournalStore,
    WaitStore,
    InputStore,
    LiveStore,
    BlobStore,
    LedgerStore,
    TaskStore,
    MemoryItemStore,
    ProjectStore {
  /** For messages: `sqlite`, `memory`. */
  readonly backend: string;
  /** Whether what is stored outlives the process. */
  readonly isDurable: boolean;
  /**
   * `act` as one transaction: all of its writes, or none when it throws. Not to be nested, and not for an `act` that
   * answers with a promise: that is `store_rejected`, since what it writes later could not be taken back.
   */
  together<T>(act: () => T): T;
  /** Null when it can be written; otherwise why not. What it holds is the same afterwards. */
  checkHealth(): string | null;
  /** Releases the file. Using the store afterwards throws; closing twice does not. */
  close(): void;
}
