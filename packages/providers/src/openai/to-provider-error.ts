import { ProviderError } from "../errors.ts";
import type { LlmFailureCode } from "../llm-provider.ts";
import { parseRetryAfter } from "../retry-after.ts";
import { type ErrorDetail, errorDetail } from "./wire.ts";

export interface StatusFailure {
  readonly status: number;
  /** The parsed error body, or its text; undefined when there was none. */
  readonly body: unknown;
  readonly headers: Headers | undefined;
  readonly nowMs: number;
}

/**
 * An HTTP answer of 400 or more. What the server calls a full context is `context_overflow`, an empty account
 * `auth`, since waiting helps with neither; 408, 409 and 425 are passing states and count as `server`.
 */
export function fromStatus(failure: StatusFailure, server: string): ProviderError {
  const detail = errorDetail.safeParse(failure.body);
  const said = detail.success ? describe(detail.data) : "";
  const text = said === "" ? toText(failure.body) : said;
  const retryAfterMs = failure.headers && parseRetryAfter(failure.headers, failure.nowMs);
  return new ProviderError(
    classify(failure.status, detail.success ? detail.data : ""),
    `${server} answered ${failure.status}${text === "" ? "" : `: ${text}`}${hint(failure.status)}`,
    { status: failure.status, ...(retryAfterMs !== undefined && { retryAfterMs }) },
  );
}

/** An error event inside an answer that began with status 200. */
export function fromErrorDetail(detail: ErrorDetail, server: string): ProviderError {
  const status = typeof detail === "string" ? undefined : toStatus(detail.code);
  const said = describe(detail);
  return new ProviderError(
    classify(status, detail),
    `${server} failed in mid-answer${said === "" ? "" : `: ${said}`}`,
    status === undefined ? {} : { status },
  );
}

/** What compatible servers call a request that does not fit the model's window. */
const overflowWords = new Set(["context_length_exceeded", "exceed_context_size_error", "request_too_large"]);
/** vLLM and others give no code of their own, only a sentence. */
const overflowSentence =
  /maximum context length|context (?:length|window|size) (?:is |was )?exceed|exceeds? the (?:available |model'?s? )?context/i;
const quotaWords = new Set(["insufficient_quota", "billing_hard_limit_reached", "billing_not_active"]);
const authWords = new Set(["authentication_error", "permission_error", "invalid_api_key"]);
const limitWords = new Set(["rate_limit_exceeded", "rate_limit_error", "tokens", "requests"]);
const requestWords = new Set(["invalid_request_error", "not_found_error", "model_not_found"]);

function classify(status: number | undefined, detail: ErrorDetail): LlmFailureCode {
  const words = typeof detail === "string" ? [] : [detail.code, detail.type].map(String);
  const has = (set: ReadonlySet<string>): boolean => words.some((word) => set.has(word));
  const isRequestFault = status === undefined || status === 400 || status === 422 || status === 500;
  if (has(overflowWords) || (isRequestFault && overflowSentence.test(describe(detail)))) return "context_overflow";
  if (has(quotaWords)) return "auth";
  if (status === undefined) {
    if (has(authWords)) return "auth";
    if (has(limitWords)) return "rate_limited";
    return has(requestWords) ? "bad_request" : "server";
  }
  if (status === 401 || status === 402 || status === 403) return "auth";
  if (status === 413) return "context_overflow";
  if (status === 429) return "rate_limited";
  if (status === 408 || status === 409 || status === 425 || status >= 500) return "server";
  return "bad_request";
}

function hint(status: number): string {
  return status === 404
    ? " (is the model's name right, and does the base URL end as the server wants, often in /v1?)"
    : "";
}

function toStatus(code: string | number | null | undefined): number | undefined {
  const status = Number(code ?? Number.NaN);
  return Number.isInteger(status) && status >= 400 && status <= 599 ? status : undefined;
}

function describe(detail: ErrorDetail): string {
  return toText(typeof detail === "string" ? detail : (detail.message ?? detail.code ?? detail.type ?? ""));
}

/** Enough to say what went wrong; an HTML page is not worth more. */
const longestText = 400;

function toText(body: unknown): string {
  const text = (typeof body === "string" ? body : (JSON.stringify(body) ?? "")).replace(/\s+/g, " ").trim();
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text;
}
