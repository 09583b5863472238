import type { TrustMode } from "../trust/trust-mode.ts";

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
  /** Prompts given, not messages. */
  readonly turnCount: number;
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
}

/** The process that may write to a session. `startMarker` tells it from a later process with the same number. */
export interface LeaseOwner {
  /** Known to its holder alone; the key to releasing it. */
  readonly token: string;
  readonly pid: number;
  readonly startMarker: string;
}
