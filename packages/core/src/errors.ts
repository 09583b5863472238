/** Every way this package fails. Callers branch on `code`, never on `message`. */
export type CoreErrorCode =
  | "bad_session_id"
  | "session_not_found"
  | "session_ambiguous"
  | "session_busy"
  | "session_paused"
  | "session_ended"
  | "lease_lost"
  | "nothing_to_continue"
  | "provider_mismatch"
  | "provider_unavailable"
  | "provider_unconfigured"
  | "enforcement_missing"
  | "duplicate_tool"
  | "bad_rule"
  | "bad_path"
  | "bad_project_root"
  | "bad_option"
  | "bad_cursor"
  | "bad_import"
  | "unsupported_version"
  | "volatile_store"
  | "bad_hook"
  | "bad_secret_rule"
  | "store_newer"
  | "store_failed"
  | "store_rejected";

export class CoreError extends Error {
  override readonly name = "CoreError";
  readonly code: CoreErrorCode;
  constructor(code: CoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
