/** The exit status of every `koda` command. The numbers are a contract with scripts. */
export const exitCode = {
  done: 0,
  error: 1,
  usage: 2,
  blockedByPolicy: 3,
  limitReached: 4,
  provider: 5,
  cancelled: 130,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** Codes of the packages' own errors that mean more than "error". */
const byErrorCode: Readonly<Record<string, ExitCode>> = {
  usage: exitCode.usage,
  bad_session_id: exitCode.usage,
  session_not_found: exitCode.usage,
  session_ambiguous: exitCode.usage,
  bad_option: exitCode.usage,
  bad_import: exitCode.usage,
  bad_cursor: exitCode.usage,
  bad_hook: exitCode.usage,
  bad_secret_rule: exitCode.usage,
  bad_project_root: exitCode.usage,
  nothing_to_continue: exitCode.usage,
  bad_rule: exitCode.usage,
  bad_pattern: exitCode.usage,
  bad_config: exitCode.usage,
  bad_upstream: exitCode.usage,
  // Nothing that was typed is wrong: the same words work at another time.
  session_busy: exitCode.error,
  session_paused: exitCode.error,
  session_ended: exitCode.error,
  lease_lost: exitCode.error,
  enforcement_missing: exitCode.blockedByPolicy,
  provider_unconfigured: exitCode.provider,
  provider_unavailable: exitCode.provider,
  provider_mismatch: exitCode.provider,
  unconfigured: exitCode.provider,
  auth: exitCode.provider,
  bad_request: exitCode.provider,
  context_overflow: exitCode.provider,
  rate_limited: exitCode.provider,
  server: exitCode.provider,
  network: exitCode.provider,
  stream_cut: exitCode.provider,
  bad_response: exitCode.provider,
};

/** The status for an error code of any package; 1 for a code without a number of its own. */
export function toExitCode(errorCode: string): ExitCode {
  return byErrorCode[errorCode] ?? exitCode.error;
}
