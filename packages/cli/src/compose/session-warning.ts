import type { WarningCode } from "@koda/core";

/** What a session lacks; it works without. */
export interface SessionWarning {
  readonly code: WarningCode;
  readonly message: string;
}
