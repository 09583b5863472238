import type { Entry } from "../store/entry.ts";
import type { ToolCallRecord } from "../store/tool-call-record.ts";

/**
 * The part of a session that its model is shown. It is made from the record and never changes it: what is left out of a
 * view is in the store as before.
 */
export interface ContextView {
  /** Oldest first; a summary, which stands for what came before, is the first. */
  readonly entries: readonly Entry[];
  /** By call id. There may be more of them than `entries` ask for. */
  readonly calls: ReadonlyMap<string, ToolCallRecord>;
  /** False when older entries are left out that no summary stands for. */
  readonly isWhole: boolean;
  /** Call ids whose results are left out. Grows only when the context is shrunk, so that requests keep their prefix. */
  readonly blanked: ReadonlySet<string>;
}
