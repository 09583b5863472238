/** Every way this package refuses. Callers branch on `code`, never on `message`. */
export type McpErrorCode = "bad_config" | "duplicate_server";

/** The one error this package throws. A server or tool that fails is a value: see `status()` and `McpToolResult`. */
export class McpError extends Error {
  override readonly name = "McpError";
  readonly code: McpErrorCode;

  constructor(code: McpErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
