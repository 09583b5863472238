/** Every way the command line itself fails. Callers branch on `code`, never on `message`. */
export type CliErrorCode = "usage" | "provider_unconfigured" | "not_a_terminal" | "demo_failed";

export class CliError extends Error {
  override readonly name = "CliError";
  readonly code: CliErrorCode;
  constructor(code: CliErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
