import { CoreError } from "../errors.ts";

/** How a session comes to its provider. `rebound` is to be recorded: from now on it is held with another one. */
export type ProviderPin =
  | { readonly kind: "bound"; readonly providerId: string }
  | { readonly kind: "kept"; readonly providerId: string }
  | { readonly kind: "rebound"; readonly providerId: string; readonly previousId: string };

export interface PinQuestion {
  readonly sessionId: string;
  /** The provider that the session is held with; null for a new session, and for one that never had any. */
  readonly recordedId: string | null;
  /** What was found for it; null when nothing is configured, or the recorded one is not to be had. */
  readonly offered: { readonly id: string } | null;
  /** Someone has asked for another provider in so many words. */
  readonly rebind: boolean;
}

/**
 * Settles with which provider a session goes on. Never another one silently: ids of calls, cached prompts and bills
 * belong to one vendor.
 *
 * @throws {CoreError} `provider_unconfigured` with none recorded and none offered; `provider_unavailable` when the
 * recorded one is not to be had; `provider_mismatch` when another one is offered without `rebind`.
 */
export function pinProvider({ sessionId, recordedId, offered, rebind }: PinQuestion): ProviderPin {
  if (recordedId === null) {
    if (offered !== null) return { kind: "bound", providerId: offered.id };
    throw new CoreError(
      "provider_unconfigured",
      `session ${sessionId} has no provider, and none is configured: configure a model first`,
    );
  }
  const recorded = JSON.stringify(recordedId);
  if (offered === null) {
    throw new CoreError(
      "provider_unavailable",
      `session ${sessionId} is held with provider ${recorded}, which is not available: is its key or plugin missing?`,
    );
  }
  if (offered.id === recordedId) return { kind: "kept", providerId: recordedId };
  if (rebind) return { kind: "rebound", providerId: offered.id, previousId: recordedId };
  throw new CoreError(
    "provider_mismatch",
    `session ${sessionId} is held with provider ${recorded}, not ${JSON.stringify(offered.id)}: go on with ${recorded}, or ask for the change`,
  );
}
