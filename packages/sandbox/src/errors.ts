/**
 * Every way this package fails. Callers branch on `code`, never on `message`.
 * - `bad_target`: not a host and port that may be dialled
 * - `bad_pattern`: a rule that the grammar of host patterns does not have
 * - `bad_rules`: a rules file that cannot be read, or rules with an unknown or wrong field
 * - `bad_upstream`: a setting of upstream proxies (`HTTPS_PROXY`, `NO_PROXY`, …) that cannot be followed
 * - `bad_policy`: a policy that names a path or value it may not name
 * - `bad_port`: not a port, or one that may not be opened between a sandbox and this machine
 * - `listen_failed`: a proxy or an opened port cannot listen; the system's error is the `cause`
 * - `external_proxy_failed`: a proxy program of the user's own did not come up
 * - `unsupported_platform`: the machine lacks what confinement needs
 * - `namespace_failed`: the session's namespace did not come up
 * - `spawn_failed`: a command could not be started
 */
export type SandboxErrorCode =
  | "bad_target"
  | "bad_pattern"
  | "bad_rules"
  | "bad_upstream"
  | "bad_policy"
  | "bad_port"
  | "listen_failed"
  | "external_proxy_failed"
  | "unsupported_platform"
  | "namespace_failed"
  | "spawn_failed";

export class SandboxError extends Error {
  override readonly name = "SandboxError";
  readonly code: SandboxErrorCode;
  constructor(code: SandboxErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
