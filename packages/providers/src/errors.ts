import type { LlmFailureCode } from "./llm-provider.ts";

/** Every way this package fails. Callers branch on `code`, never on `message`. */
export type ProviderErrorCode = LlmFailureCode | "bad_cassette";

/**
 * The one error of this package. Messages name the server and what it said, never a key.
 * `stream` and `listOpenAiModels` reject with an {@link LlmFailureCode}, or with `bad_cassette` where a recording `fetch`
 * cannot write.
 */
export class ProviderError extends Error {
  override readonly name = "ProviderError";
  readonly code: ProviderErrorCode;
  /** How long the server asked us to wait; absent when it did not say. */
  readonly retryAfterMs?: number | undefined;
  /** The HTTP status, or the one that an error event named; absent when there was none. */
  readonly status?: number | undefined;

  constructor(code: ProviderErrorCode, message: string, options: ProviderErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
    this.status = options.status;
  }
}

export interface ProviderErrorOptions extends ErrorOptions {
  readonly retryAfterMs?: number | undefined;
  readonly status?: number | undefined;
}
