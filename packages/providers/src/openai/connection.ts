import type OpenAI from "openai";
import { ProviderError } from "../errors.ts";
import { fromStatus } from "./to-provider-error.ts";

export interface ConnectionOptions {
  /** Empty, or `none`: no credentials are sent, as local servers want it. Outer whitespace is dropped. */
  readonly apiKey: string;
  /** Default `https://api.openai.com/v1`. */
  readonly baseUrl?: string | undefined;
  /** Default: the global one. */
  readonly fetch?: typeof fetch | undefined;
  /** The longest silence, before the answer and within it. */
  readonly timeoutMs: number;
}

/** One server and how to talk to it. Holds no socket. */
export interface Connection {
  /** The base URL without credentials or query: names the server in messages. */
  readonly server: string;
  /** Without the port. */
  readonly host: string;
  readonly isOpenAi: boolean;
  readonly timeoutMs: number;
  /** Sends one request; resolves when an answer below 400 has begun. Rejects as {@link Connection.toError} says. */
  send(
    request: (client: OpenAI, options: { readonly signal: AbortSignal }) => Promise<Response>,
    signal: AbortSignal,
  ): Promise<Response>;
  /** Any failure as ours, with the key taken out of its message. */
  toError(error: unknown): ProviderError;
}

/** @throws {ProviderError} `unconfigured` for a base URL or key that cannot be used. */
export function createConnection(options: ConnectionOptions): Connection {
  const url = parseBaseUrl(options.baseUrl ?? "https://api.openai.com/v1");
  const apiKey = parseKey(options.apiKey);
  const server = `${url.origin}${url.pathname.replace(/\/$/, "")}`;
  const { timeoutMs } = options;
  let loading: Promise<Loaded> | undefined;
  const load = (): Promise<Loaded> => {
    loading ??= loadClient({ apiKey, url, fetch: options.fetch, timeoutMs });
    return loading;
  };

  return {
    server,
    host: url.hostname,
    isOpenAi: url.hostname === "api.openai.com",
    timeoutMs,
    async send(request, signal) {
      const { client, isStatusError } = await load();
      signal.throwIfAborted();
      const silence = new AbortController();
      const timer = setTimeout(() => {
        silence.abort(new ProviderError("network", `${server} did not answer within ${timeoutMs} ms`));
      }, timeoutMs);
      try {
        return await request(client, { signal: AbortSignal.any([signal, silence.signal]) });
      } catch (error) {
        signal.throwIfAborted();
        if (silence.signal.aborted) throw silence.signal.reason;
        if (isStatusError(error)) {
          const { status, headers } = error;
          throw fromStatus({ status, headers, body: error.error ?? withoutStatus(error), nowMs: Date.now() }, server);
        }
        if (error instanceof Error && error.cause instanceof ProviderError) throw error.cause; // from the `fetch` given
        const code = isLasting(innermostCause(error)) ? "bad_request" : "network";
        throw new ProviderError(code, `cannot reach ${server}: ${networkReason(error)}`, { cause: error });
      } finally {
        clearTimeout(timer);
      }
    },
    toError(error) {
      const ours =
        error instanceof ProviderError
          ? error
          : new ProviderError("bad_request", `could not ask ${server}: ${networkReason(error)}`, { cause: error });
      if (apiKey === "" || !ours.message.includes(apiKey)) return ours;
      const message = ours.message.replaceAll(apiKey, "[key]");
      return new ProviderError(ours.code, message, { retryAfterMs: ours.retryAfterMs, status: ours.status });
    },
  };
}

interface StatusError {
  readonly status: number;
  readonly headers: Headers | undefined;
  readonly error: unknown;
  readonly message: string;
}

interface Loaded {
  readonly client: OpenAI;
  readonly isStatusError: (error: unknown) => error is StatusError;
}

/** The SDK takes about 100 ms to load, so only a request pays for it; nothing is left to its own environment look-up. */
async function loadClient(options: {
  readonly apiKey: string;
  readonly url: URL;
  readonly fetch: typeof fetch | undefined;
  readonly timeoutMs: number;
}): Promise<Loaded> {
  const sdk = await import("openai");
  const client = new sdk.OpenAI({
    apiKey: options.apiKey === "" ? "none" : options.apiKey,
    ...(options.apiKey === "" && { defaultHeaders: { Authorization: null } }),
    baseURL: options.url.href,
    adminAPIKey: null,
    organization: null,
    project: null,
    maxRetries: 0,
    timeout: options.timeoutMs,
    logLevel: "off",
    ...(options.fetch && { fetch: options.fetch }),
  });
  return {
    client,
    isStatusError: (error): error is StatusError => error instanceof sdk.APIError && typeof error.status === "number",
  };
}

function parseBaseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new ProviderError("unconfigured", `not an http(s) base URL: ${JSON.stringify(text)}`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new ProviderError("unconfigured", "the base URL holds credentials: pass them as the API key");
  }
  return url;
}

function parseKey(text: string): string {
  const key = text.trim();
  if (/[^\x21-\x7e]/.test(key)) {
    throw new ProviderError("unconfigured", "the API key holds characters that no HTTP header can carry");
  }
  return key === "none" ? "" : key;
}

/** The SDK puts the status before the text of a body that is no JSON. */
function withoutStatus(error: StatusError): string {
  const text = error.message.replace(/^\d+ /, "");
  return text === "status code (no body)" ? "" : text;
}

/** What `fetch` refuses by itself, before any socket: no later attempt goes better. Undici tells most of it in words only. */
function isLasting(reason: unknown): boolean {
  if (!(reason instanceof Error)) return false;
  if ("code" in reason && /^(?:ERR_INVALID_URL|ERR_INVALID_PROTOCOL|UND_ERR_INVALID_ARG)$/.test(String(reason.code)))
    return true;
  return /^(?:bad port|unknown scheme|URL scheme must be a HTTP\(S\) scheme)$/.test(reason.message);
}

/** The innermost cause says most: `ECONNREFUSED`, `ENOTFOUND`, an expired certificate. */
function networkReason(error: unknown): string {
  const reason = innermostCause(error);
  if (!(reason instanceof Error)) return String(reason);
  const code = "code" in reason && typeof reason.code === "string" ? reason.code : "";
  return [code, reason.message].filter((part) => part !== "").join(" ") || reason.name;
}

function innermostCause(error: unknown): unknown {
  let reason = error;
  while (reason instanceof Error && reason.cause !== undefined) reason = reason.cause;
  return reason;
}
