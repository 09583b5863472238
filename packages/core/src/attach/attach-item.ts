import type { EngineEvent } from "../events/engine-event.ts";
import type { Draft, Entry } from "../store/entry.ts";
import type { SessionRecord } from "../store/session-record.ts";
import type { ToolCallRecord } from "../store/tool-call-record.ts";
import type { WaitRecord } from "../store/wait-store.ts";

/** What somebody who looks on is told. `cursor` is where to go on after a disconnect. */
export type AttachItem =
  | AttachState
  | { readonly kind: "event"; readonly event: EngineEvent; readonly cursor: string }
  /** So many events are lost for this reader. A state follows that stands for all of them. */
  | { readonly kind: "gap"; readonly missed: number }
  /** No living process has the session open. A state follows when one has opened it again. */
  | { readonly kind: "owner-gone" };

/** All that is settled; the events that follow tell what is not in it. It replaces whatever was shown before. */
export interface AttachState {
  readonly kind: "state";
  readonly session: SessionRecord;
  /** The path from the first entry to the session's leaf. */
  readonly entries: readonly Entry[];
  /** The session's own, in the order they were asked for: those on other branches too. */
  readonly calls: readonly ToolCallRecord[];
  /** What had arrived of an answer; text that follows goes on after it. */
  readonly draft: Draft | null;
  readonly openWaits: readonly WaitRecord[];
  readonly cursor: string;
}
