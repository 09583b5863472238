import type { TrustMode } from "../trust/trust-mode.ts";

/**
 * `active` takes prompts. `paused` holds them until it is resumed. `completed` and `error` take none until the session is
 * reopened. `unknown`: what is stored cannot be understood; such a session can be read, and runs nothing.
 */
export type SessionState = "unknown" | "active" | "paused" | "completed" | "error";

/** What is known of a session without reading its entries. */
export interface SessionRecord {
  readonly id: string;
  /** Absolute, links resolved. */
  readonly projectRoot: string;
  /** Null until the first prompt. */
  readonly title: string | null;
  readonly providerId: string;
  readonly model: string;
  readonly mode: TrustMode;
  readonly state: SessionState;
  /** Why it is in `error`: a code and a sentence. Null in every other state. */
  readonly stateReason: { readonly code: string; readonly text: string } | null;
  /** The session that this one was forked from, or works for; null for a root. */
  readonly parentId: string | null;
  /** The entry that the next one follows; null before the first. */
  readonly leafId: string | null;
  /** Prompts ever given, on every branch, not messages: it numbers the turns and never goes down. */
  readonly turnCount: number;
  /** Grows with each lease; what an older lease writes is refused. Zero before the first. */
  readonly fence: number;
  readonly createdAtMs: number;
  /** Moves with everything that is written to the session, never backwards. */
  readonly updatedAtMs: number;
}

/** Fields that may change; an absent one stays as it is. */
export interface SessionChange {
  readonly title?: string | undefined;
  readonly providerId?: string | undefined;
  readonly model?: string | undefined;
  readonly mode?: TrustMode | undefined;
  readonly turnCount?: number | undefined;
  readonly state?: Exclude<SessionState, "unknown"> | undefined;
  /** Null takes it away. */
  readonly stateReason?: SessionRecord["stateReason"] | undefined;
  /** An entry of this session's own path, or null to begin anew: going back is a move of the leaf, nothing is removed. */
  readonly leafId?: string | null | undefined;
}

/** The process that may write to a session. `startMarker` tells it from a later process with the same number. */
export interface LeaseOwner {
  /** Known to its holder alone; the key to releasing it. */
  readonly token: string;
  readonly pid: number;
  readonly startMarker: string;
  /** Where `pid` means something: the boot and the pid namespace. Empty where the system does not tell. */
  readonly place: string;
  /** When it last said that it is there. */
  readonly renewedAtMs: number;
}

/** The right to write to one session. It ends when a later lease is taken: its fence is higher then. */
export interface SessionWriter {
  readonly sessionId: string;
  readonly fence: number;
}

export type LeaseAnswer =
  | { readonly kind: "held"; readonly writer: SessionWriter }
  | { readonly kind: "busy"; readonly owner: LeaseOwner };
